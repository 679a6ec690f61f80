package org.plenum.web.push;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.plenum.writer.api.WriterIntake;

/** Opens inner streams to the queues of other nodes. Thread-safe. */
final class PeerTransport implements AutoCloseable {
  /** Where an inner stream is opened, from the root of the server. */
  static final String PATH = "/plenum/internal/v1/reports/stream";

  /** In every answer of a node that knows inner streams, whatever it says. */
  static final String KNOWN_HEADER = "Plenum-Report-Stream";

  private final HttpClient client;
  private final String secret;
  private final Duration connect;

  /**
   * A transport without connections.
   *
   * @param secret by which nodes know each other
   * @param connect how long a connection and its handshake may take
   * @param executor for what comes; nothing that runs on it waits
   */
  PeerTransport(String secret, Duration connect, Executor executor) {
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(connect)
            .executor(executor)
            .build();
    this.secret = secret;
    this.connect = connect;
  }

  /**
   * Connects, without waiting.
   *
   * @param url of the other node
   * @param stream that takes the queue
   * @param take whether it takes the queue from another stream that has it
   */
  CompletableFuture<WebSocket> connect(
      String url, String group, String stream, boolean take, WebSocket.Listener listener) {
    URI uri =
        URI.create(
            url.replaceFirst("^http", "ws")
                + PATH
                + "?group="
                + URLEncoder.encode(group, StandardCharsets.UTF_8)
                + "&stream="
                + stream
                + "&take="
                + take);
    return client
        .newWebSocketBuilder()
        .connectTimeout(connect)
        .header(WriterIntake.SECRET_HEADER, secret)
        .buildAsync(uri, listener);
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
