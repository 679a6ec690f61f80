package org.plenum.systemtest;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.plenum.testkit.RestClient;

/** An external processing server on the stream of a consumer group. */
final class ProcessingServer implements AutoCloseable {
  private static final long WAIT_SECONDS = 30;

  private final BlockingQueue<JsonNode> frames = new LinkedBlockingQueue<>();
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private final WebSocket socket;

  private ProcessingServer(RestClient client, String query) {
    URI uri =
        URI.create(
            client.api().toString().replaceFirst("^http", "ws") + "/reports/stream?" + query);
    socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .connectTimeout(Duration.ofSeconds(20))
            .header("Authorization", "Bearer " + client.token())
            .buildAsync(uri, new Listener())
            .orTimeout(20, TimeUnit.SECONDS)
            .join();
  }

  static ProcessingServer connect(RestClient client, String group) {
    return new ProcessingServer(client, "group=" + group);
  }

  /** On a stream of the queues of all nodes. */
  static ProcessingServer connectToAll(RestClient client, String group) {
    return new ProcessingServer(client, "group=" + group + "&queues=all");
  }

  void send(String json) {
    socket.sendText(json, true).orTimeout(20, TimeUnit.SECONDS).join();
  }

  void credit(int count) {
    send("{\"type\":\"credit\",\"count\":" + count + "}");
  }

  void ack(long sequence) {
    send("{\"type\":\"ack\",\"sequence\":" + sequence + "}");
  }

  /** Acknowledges in the queue that a frame of reports named. */
  void ack(JsonNode frame, long sequence) {
    send("{\"type\":\"ack\",\"queue\":" + frame.path("queue") + ",\"sequence\":" + sequence + "}");
  }

  void reject(long sequence) {
    send("{\"type\":\"reject\",\"sequence\":" + sequence + ",\"reason\":\"not today\"}");
  }

  /** The next frame of a type; others are passed over. */
  JsonNode await(String type) {
    try {
      while (true) {
        JsonNode frame = frames.poll(WAIT_SECONDS, TimeUnit.SECONDS);
        if (frame == null) {
          throw new AssertionError("no " + type + " within " + WAIT_SECONDS + " s");
        }
        if (frame.path("type").asText().equals(type)) {
          return frame;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Whether nothing comes for a while. */
  boolean isSilent(Duration duration) throws InterruptedException {
    return frames.poll(duration.toMillis(), TimeUnit.MILLISECONDS) == null;
  }

  /** Is gone without a word. */
  void abort() {
    socket.abort();
  }

  /** Says goodbye, so that what was said before is heard. */
  @Override
  public void close() {
    if (!socket.isOutputClosed()) {
      try {
        socket
            .sendClose(WebSocket.NORMAL_CLOSURE, "")
            .thenCompose(sent -> closed)
            .orTimeout(5, TimeUnit.SECONDS)
            .join();
      } catch (CompletionException e) {
        // The server went first.
      }
    }
    socket.abort();
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        frames.add(RestClient.json(text.toString()));
        text.setLength(0);
      }
      webSocket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
      closed.complete(statusCode);
      return null;
    }
  }
}
