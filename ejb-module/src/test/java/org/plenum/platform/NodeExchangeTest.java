package org.plenum.platform;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One node asks another, whose part is played by a socket. */
class NodeExchangeTest {
  private static final int SURELY_MILLIS = 30_000;

  private final ExecutorService threads = Executors.newFixedThreadPool(2);
  private final NodeExchange nodes = new NodeExchange(Duration.ofSeconds(30), threads);
  private ServerSocket server;

  @BeforeEach
  void listen() throws IOException {
    server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    server.setSoTimeout(SURELY_MILLIS);
  }

  @AfterEach
  void close() throws IOException {
    nodes.close();
    server.close();
    threads.shutdownNow();
  }

  private CompletableFuture<String> ask(int atMost) {
    URI uri = URI.create("http://127.0.0.1:" + server.getLocalPort() + "/x");
    return nodes.send(
        HttpRequest.newBuilder(uri).build(),
        NodeExchange.atMost(atMost),
        status -> "said " + status,
        body -> new String(body, UTF_8));
  }

  private Socket asked() throws IOException {
    Socket socket = server.accept();
    socket.setSoTimeout(SURELY_MILLIS);
    readRequest(socket);
    return socket;
  }

  /** Of one request, which has no body. */
  private static void readRequest(Socket socket) throws IOException {
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      int next = socket.getInputStream().read();
      assertThat(next).isNotNegative();
      head.append((char) next);
    }
  }

  /** Waits for the end of the connection. */
  private static boolean ends(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read() == -1;
    } catch (SocketException e) {
      return true;
    }
  }

  private static void answer(Socket socket, int status, String body) throws IOException {
    String head = "HTTP/1.1 %d x\r\nContent-Length: %d\r\n\r\n".formatted(status, body.length());
    socket.getOutputStream().write((head + body).getBytes(UTF_8));
    socket.getOutputStream().flush();
  }

  private static String get(CompletableFuture<String> answer) throws Exception {
    return answer.get(SURELY_MILLIS, TimeUnit.MILLISECONDS);
  }

  @Test
  void anAnswerIsReadAndTheConnectionKept() throws Exception {
    CompletableFuture<String> first = ask(100);
    try (Socket socket = asked()) {
      answer(socket, 200, "hello");
      assertThat(get(first)).isEqualTo("hello");
      CompletableFuture<String> second = ask(100);
      readRequest(socket);
      answer(socket, 200, "again");
      assertThat(get(second)).isEqualTo("again");
    }
  }

  @Test
  void whoGivesUpFreesTheConnection() throws Exception {
    CompletableFuture<String> answer = ask(100);
    try (Socket socket = asked()) {
      answer.cancel(true);
      assertThat(ends(socket)).isTrue();
    }
  }

  @Test
  void anotherStatusIsAnErrorInWords() throws Exception {
    CompletableFuture<String> answer = ask(100);
    try (Socket socket = asked()) {
      answer(socket, 403, "no");
      assertThatThrownBy(() -> get(answer))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOf(IOException.class)
          .hasMessage("said 403");
    }
  }

  @Test
  void aBodyBeyondTheBoundIsNotTaken() throws Exception {
    CompletableFuture<String> answer = ask(4);
    try (Socket socket = asked()) {
      answer(socket, 200, "hello");
      assertThat(get(answer)).isEmpty();
    }
  }
}
