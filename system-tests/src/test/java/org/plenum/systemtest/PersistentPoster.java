package org.plenum.systemtest;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.plenum.testkit.ChatSocket;
import org.plenum.testkit.RestClient;

/**
 * A client that posts one message after another and gives none up: whatever happens to the server,
 * it sends the same message with the same client id until it is acknowledged.
 */
final class PersistentPoster implements Runnable {
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final RestClient client;
  private final String group;
  private final String name;
  private final boolean overSocket;
  private final Random random;
  private final Duration pace;
  private final BooleanSupplier stopped;
  private final List<Acknowledged> acknowledged = new ArrayList<>();
  private final AtomicInteger count = new AtomicInteger();
  private final AtomicLong longest = new AtomicLong();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private @Nullable ChatSocket socket;

  /** What the server promised to have stored. */
  record Acknowledged(UUID clientId, long seq, String text) {}

  PersistentPoster(
      RestClient client,
      String group,
      String name,
      boolean overSocket,
      long seed,
      Duration pace,
      BooleanSupplier stopped) {
    this.client = client;
    this.group = group;
    this.name = name;
    this.overSocket = overSocket;
    this.random = new Random(seed);
    this.pace = pace;
    this.stopped = stopped;
  }

  /** How many were acknowledged so far; callable from other threads. */
  int count() {
    return count.get();
  }

  /** Whether it posts over a socket, else over REST; callable from other threads. */
  boolean overSocket() {
    return overSocket;
  }

  /** The longest wait for an acknowledgement since the last call; callable from other threads. */
  Duration takeLongest() {
    return Duration.ofNanos(longest.getAndSet(0));
  }

  /** What it was answered instead of acknowledgements since the last call; callable from others. */
  List<String> takeFailures() {
    List<String> taken = new ArrayList<>();
    for (String each = failures.poll(); each != null; each = failures.poll()) {
      taken.add(each);
    }
    return taken;
  }

  /** All that were acknowledged; call when {@link #run} has returned. */
  List<Acknowledged> acknowledged() {
    return List.copyOf(acknowledged);
  }

  @Override
  public void run() {
    for (int n = 0; !stopped.getAsBoolean(); n++) {
      UUID id = UUID.randomUUID();
      String text = name + " " + n + " " + "x".repeat(random.nextInt(400));
      long start = System.nanoTime();
      long seq = postUntilAcknowledged(id, text);
      longest.accumulateAndGet(System.nanoTime() - start, Math::max);
      acknowledged.add(new Acknowledged(id, seq, text));
      count.incrementAndGet();
      if (!pace.isZero()) {
        LockSupport.parkNanos(pace.toNanos());
      }
    }
    dropSocket();
  }

  private long postUntilAcknowledged(UUID id, String text) {
    while (true) {
      try {
        long seq = overSocket ? overSocket(id, text) : overRest(id, text);
        if (seq > 0) {
          return seq;
        }
      } catch (UncheckedIOException
          | CompletionException
          | ExecutionException
          | TimeoutException
          | AssertionError e) {
        failures.add(e.toString());
        dropSocket();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  private long overRest(UUID id, String text) {
    RestClient.Reply reply =
        client.send(
            "POST",
            "/groups/" + group + "/messages",
            Map.of("text", text),
            Map.of("Idempotency-Key", id.toString()));
    if (reply.status() == 200 || reply.status() == 201) {
      return reply.body().path("seq").asLong();
    }
    failures.add(reply.status() + " " + reply.text());
    refuseWhatNoRetryMends(reply.status(), reply.text());
    return 0;
  }

  private long overSocket(UUID id, String text)
      throws ExecutionException, TimeoutException, InterruptedException {
    ChatSocket open = socket;
    if (open == null) {
      open = ChatSocket.open(client);
      socket = open;
    }
    JsonNode answer = open.post(group, text, id).get(15, TimeUnit.SECONDS);
    if (answer.path("type").asText().equals("ack")) {
      return answer.path("seq").asLong();
    }
    failures.add(answer.toString());
    refuseWhatNoRetryMends(answer.path("status").asInt(), answer.toString());
    return 0;
  }

  /** While a server starts, 404 and 503 are to be expected; a refusal of the message is not. */
  static void refuseWhatNoRetryMends(int status, String text) {
    if (status == 409 || status == 400 || status == 403 || status == 401) {
      throw new IllegalStateException("refused for good: " + text);
    }
  }

  private void dropSocket() {
    if (socket != null) {
      socket.abort();
      socket = null;
    }
  }
}
