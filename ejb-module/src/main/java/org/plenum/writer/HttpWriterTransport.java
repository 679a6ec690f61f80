package org.plenum.writer;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.writer.api.WriterIntake;

/**
 * Carries commands over HTTP on a connection that is kept; see {@link WriterIntake}. A thread of
 * the executor waits for each answer: a node that does not lead does this up to a hundred times a
 * second, and a blocking client costs a third of the CPU of an asynchronous one (ADR 0063). Whoever
 * cancels an answer frees its thread and its connection. Thread-safe.
 *
 * <p>A batch goes out once and never after its answer was given up: its length is known before, so
 * the client writes it to the one connection that it has then, which cancelling ends, and neither
 * keeps nor repeats it. It would otherwise connect anew by itself.
 */
final class HttpWriterTransport implements WriterTransport, AutoCloseable {
  private static final Logger LOG = Logger.getLogger(HttpWriterTransport.class.getName());
  private static final Duration SAID_AGAIN = Duration.ofSeconds(30);

  /** Answers are short; what is larger is not from a node of this cluster. */
  private static final int MAX_ANSWERS = 64 << 20;

  private final String secret;
  private final Duration connect;
  private final Executor executor;
  private final Clock clock;
  private final Map<Long, CompletableFuture<List<CommandAnswer>>> underWay =
      new ConcurrentHashMap<>();
  private final AtomicLong exchanges = new AtomicLong();

  /** When a refusal was said last, by nanoTime. */
  private final AtomicLong refusedAt = new AtomicLong(System.nanoTime() - SAID_AGAIN.toNanos());

  /**
   * A transport without connections.
   *
   * @param connect how long a connection may take
   * @param executor whose threads wait for answers, one for each that is under way
   */
  HttpWriterTransport(String secret, Duration connect, Executor executor, Clock clock) {
    this.secret = secret;
    this.connect = connect;
    this.executor = executor;
    this.clock = clock;
  }

  @Override
  public CompletableFuture<List<CommandAnswer>> send(
      String url, List<CommandEnvelope> commands, Duration limit) {
    CompletableFuture<List<CommandAnswer>> answers = new CompletableFuture<>();
    byte[] batch = CommandBatchCodec.commands(commands, clock.instant());
    long id = exchanges.incrementAndGet();
    underWay.put(id, answers);
    // Also when it is cancelled while it waits for a thread.
    var unused = answers.whenComplete((done, failure) -> underWay.remove(id));
    try {
      executor.execute(() -> exchange(url, batch, limit, answers));
    } catch (RejectedExecutionException e) {
      answers.completeExceptionally(e);
    }
    return answers;
  }

  private void exchange(
      String url, byte[] batch, Duration limit, CompletableFuture<List<CommandAnswer>> answers) {
    try {
      URI uri = URI.create(url + WriterIntake.PATH);
      if (!(uri.toURL().openConnection(Proxy.NO_PROXY) instanceof HttpURLConnection connection)) {
        throw new IOException(url + " is no address over HTTP");
      }
      // Runs at once when it was cancelled before this thread came to it.
      var unused =
          answers.whenComplete(
              (done, failure) -> {
                if (answers.isCancelled()) {
                  connection.disconnect();
                }
              });
      if (!answers.isDone()) {
        answers.complete(CommandBatchCodec.answers(ask(connection, batch, limit, answers)));
      }
    } catch (IOException | RuntimeException | Error e) {
      answers.completeExceptionally(e);
    }
  }

  private byte[] ask(
      HttpURLConnection connection,
      byte[] batch,
      Duration limit,
      CompletableFuture<List<CommandAnswer>> answers)
      throws IOException {
    connection.setConnectTimeout(millis(connect));
    connection.setReadTimeout(millis(limit));
    connection.setInstanceFollowRedirects(false);
    connection.setUseCaches(false);
    connection.setRequestMethod("POST");
    connection.setRequestProperty(WriterIntake.SECRET_HEADER, secret);
    connection.setRequestProperty("Content-Type", WriterIntake.MEDIA_TYPE);
    connection.setDoOutput(true);
    connection.setFixedLengthStreamingMode(batch.length);
    try (OutputStream out = connection.getOutputStream()) {
      if (answers.isDone()) {
        // Given up while it connected, when there was nothing to end yet.
        connection.disconnect();
        throw new IOException("given up");
      }
      out.write(batch);
    }
    int status = connection.getResponseCode();
    if (status != 200) {
      drain(connection.getErrorStream());
      report(connection, status);
      throw new IOException(connection.getURL() + " answered " + status);
    }
    try (InputStream in = connection.getInputStream()) {
      byte[] body = in.readNBytes(MAX_ANSWERS);
      if (body.length == MAX_ANSWERS) {
        throw new IOException(connection.getURL() + " answered with more than answers");
      }
      return body;
    }
  }

  /** What no repetition mends is said where an administrator reads it, but not for each try. */
  private void report(HttpURLConnection connection, int status) {
    boolean foreseen = status == 404 || status >= 500; // starts, stops, or has trouble of its own
    long now = System.nanoTime();
    if (!foreseen && now - refusedAt.get() >= SAID_AGAIN.toNanos()) {
      refusedAt.set(now);
      LOG.warning(
          () ->
              connection.getURL()
                  + " refuses the commands of this node with "
                  + status
                  + (status == 403 ? ": the secret of the cluster is another one there" : ""));
    }
  }

  /** A connection is kept only when its answer was read. */
  private static void drain(@Nullable InputStream error) throws IOException {
    if (error != null) {
      try (error) {
        error.readNBytes(1 << 16);
      }
    }
  }

  /** 0 would mean without a limit. */
  private static int millis(Duration limit) {
    return Math.clamp(limit.toMillis(), 1, Integer.MAX_VALUE);
  }

  @Override
  public void close() {
    underWay.values().forEach(answers -> answers.cancel(true));
  }
}
