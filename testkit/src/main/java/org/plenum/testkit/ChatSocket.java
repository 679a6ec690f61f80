package org.plenum.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;

/**
 * One WebSocket of one account that records every frame, in order. Sends are queued;
 * acknowledgements complete the future of their client id. Thread-safe.
 */
public final class ChatSocket implements AutoCloseable {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  private final List<JsonNode> frames = new ArrayList<>();
  private final Map<String, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private final WebSocket socket;
  private CompletableFuture<?> lastSend = CompletableFuture.completedFuture(null);

  private ChatSocket(RestClient client, Map<String, String> headers) {
    WebSocket.Builder builder = HTTP.newWebSocketBuilder().subprotocols("plenum.v1");
    if (client.token() != null) {
      builder.header("Authorization", "Bearer " + client.token());
    }
    headers.forEach(builder::header);
    URI address = URI.create(client.api().toString().replaceFirst("^http", "ws") + "/stream");
    this.socket = builder.buildAsync(address, new Recorder()).join();
  }

  /** Connects and says hello without anything to resume. */
  public static ChatSocket open(RestClient client) {
    return open(client, Map.of());
  }

  /** Connects and resumes after the given sequence of each group; returns after the welcome. */
  public static ChatSocket open(RestClient client, Map<String, Long> resume) {
    ChatSocket socket = connect(client, Map.of());
    socket.send(Map.of("type", "hello", "resume", resume));
    socket.await("welcome", frame -> true);
    return socket;
  }

  /**
   * Connects without saying hello.
   *
   * @throws java.util.concurrent.CompletionException when the handshake is refused
   */
  public static ChatSocket connect(RestClient client, Map<String, String> headers) {
    return new ChatSocket(client, headers);
  }

  /** Sends a frame as JSON. */
  public void send(Object frame) {
    try {
      sendText(RestClient.JSON.writeValueAsString(frame));
    } catch (IOException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** Sends a text frame as it is. */
  public synchronized void sendText(String text) {
    lastSend =
        lastSend.handle((ok, bad) -> null).thenCompose(ignored -> socket.sendText(text, true));
  }

  /** Posts with a new client id; completes with the ack or error frame. */
  public CompletableFuture<JsonNode> post(String group, String text) {
    return post(group, text, UUID.randomUUID());
  }

  /** Posts; completes with the ack or error frame, fails when the socket closes first. */
  public CompletableFuture<JsonNode> post(String group, String text, UUID clientId) {
    return request(Map.of("type", "post", "group", group, "text", text), clientId);
  }

  /** Sends a frame that has an id; completes with its ack or error frame. */
  public CompletableFuture<JsonNode> request(Map<String, ?> frame, UUID id) {
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    waiting.put(id.toString(), answer);
    ObjectNode node = RestClient.JSON.valueToTree(frame);
    node.put("id", id.toString());
    var unused =
        closed.whenComplete(
            (code, error) -> answer.completeExceptionally(new IOException("closed: " + code)));
    send(node);
    return answer;
  }

  /** All frames so far. */
  public List<JsonNode> frames() {
    synchronized (frames) {
      return List.copyOf(frames);
    }
  }

  /** The entries of one group received so far, in order of arrival, doubles and gaps included. */
  public List<JsonNode> entries(String group) {
    return frames().stream()
        .filter(frame -> frame.path("type").asText().equals("updates"))
        .filter(frame -> frame.path("group").asText().equals(group))
        .flatMap(frame -> StreamSupport.stream(frame.path("updates").spliterator(), false))
        .toList();
  }

  /** Waits up to 20 s for a frame of this type that fulfils the condition. */
  public JsonNode await(String type, Predicate<JsonNode> condition) {
    return await(type, condition, Duration.ofSeconds(20))
        .orElseThrow(() -> new AssertionError("no such " + type + " frame among " + frames()));
  }

  /** Waits for a frame of this type that fulfils the condition; empty when none came in time. */
  public Optional<JsonNode> await(String type, Predicate<JsonNode> condition, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    int from = 0;
    synchronized (frames) {
      while (true) {
        for (; from < frames.size(); from++) {
          JsonNode frame = frames.get(from);
          if (frame.path("type").asText().equals(type) && condition.test(frame)) {
            return Optional.of(frame);
          }
        }
        long left = end - System.nanoTime();
        if (left <= 0) {
          return Optional.empty();
        }
        try {
          TimeUnit.NANOSECONDS.timedWait(frames, left);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IllegalStateException("interrupted", e);
        }
      }
    }
  }

  /** Waits until an entry that fulfils the condition arrived live in this group. */
  public JsonNode awaitEntry(String group, Predicate<JsonNode> condition) {
    await(
        "updates",
        frame ->
            frame.path("group").asText().equals(group)
                && StreamSupport.stream(frame.path("updates").spliterator(), false)
                    .anyMatch(condition));
    return entries(group).stream().filter(condition).findFirst().orElseThrow();
  }

  /** Completes with the close code when the server closed or the connection broke (1006). */
  public CompletableFuture<Integer> closed() {
    return closed;
  }

  /** Breaks the connection without a close frame. */
  public void abort() {
    socket.abort();
    closed.complete(1006);
  }

  @Override
  public void close() {
    if (!closed.isDone()) {
      socket.sendClose(WebSocket.NORMAL_CLOSURE, "").exceptionally(error -> null);
      try {
        closed.orTimeout(5, TimeUnit.SECONDS).join();
      } catch (CompletionException e) {
        socket.abort();
      }
    }
  }

  private void record(String text) {
    JsonNode frame = RestClient.parsed(text.getBytes(StandardCharsets.UTF_8));
    synchronized (frames) {
      frames.add(frame);
      frames.notifyAll();
    }
    String type = frame.path("type").asText();
    if (type.equals("ack") || type.equals("error")) {
      CompletableFuture<JsonNode> answer = waiting.remove(frame.path("id").asText());
      if (answer != null) {
        answer.complete(frame);
      }
    }
  }

  private final class Recorder implements WebSocket.Listener {
    private final StringBuilder partial = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence text, boolean last) {
      partial.append(text);
      if (last) {
        String whole = partial.toString();
        partial.setLength(0);
        record(whole);
      }
      webSocket.request(1);
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<?> onClose(WebSocket webSocket, int code, String reason) {
      closed.complete(code);
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void onError(WebSocket webSocket, Throwable error) {
      closed.complete(1006);
    }
  }
}
