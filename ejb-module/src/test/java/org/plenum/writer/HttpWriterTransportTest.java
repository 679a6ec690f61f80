package org.plenum.writer;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandAnswer.Rejected;
import org.plenum.platform.ErrorCode;
import org.plenum.writer.api.WriterIntake;

/** One node sends commands to another, whose part is played by a socket. */
class HttpWriterTransportTest {
  private static final Duration SURELY = Duration.ofSeconds(30);
  private static final Pattern LENGTH = Pattern.compile("(?i)content-length: *(\\d+)");

  /** One thread: a second exchange shows that the first one let go of it. */
  private final ExecutorService thread = Executors.newSingleThreadExecutor();

  private final HttpWriterTransport transport =
      new HttpWriterTransport("secret-of-the-cluster", SURELY, thread, Clock.systemUTC());
  private ServerSocket server;

  @BeforeEach
  void listen() throws IOException {
    server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    server.setSoTimeout((int) SURELY.toMillis());
  }

  @AfterEach
  void close() throws IOException {
    transport.close();
    server.close();
    thread.shutdownNow();
  }

  private CompletableFuture<List<CommandAnswer>> send(Duration limit) {
    return transport.send("http://127.0.0.1:" + server.getLocalPort(), List.of(), limit);
  }

  private Socket accept() throws IOException {
    Socket socket = server.accept();
    socket.setSoTimeout((int) SURELY.toMillis());
    return socket;
  }

  /** The head of one request; its body is read too. */
  private static String request(Socket socket) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(US_ASCII).endsWith("\r\n\r\n")) {
      int next = socket.getInputStream().read();
      assertThat(next).isNotNegative();
      head.write(next);
    }
    Matcher length = LENGTH.matcher(head.toString(US_ASCII));
    assertThat(length.find()).isTrue();
    int body = Integer.parseInt(length.group(1));
    assertThat(socket.getInputStream().readNBytes(body)).hasSize(body);
    return head.toString(US_ASCII);
  }

  private static void answer(Socket socket, int status, byte[] body) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(
        "HTTP/1.1 %d x\r\nContent-Length: %d\r\n\r\n"
            .formatted(status, body.length)
            .getBytes(US_ASCII));
    out.write(body);
    out.flush();
  }

  private static byte[] answers() {
    return CommandBatchCodec.answers(
        List.of(new Rejected(ErrorCode.WRITER_BUSY, "later", Duration.ofSeconds(1))));
  }

  private static <T> T get(CompletableFuture<T> answer) throws Exception {
    return answer.get(SURELY.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static boolean ends(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read() == -1;
    } catch (SocketException e) {
      return true;
    }
  }

  @Test
  void answersAreReadAndTheConnectionIsKept() throws Exception {
    CompletableFuture<List<CommandAnswer>> first = send(SURELY);
    try (Socket socket = accept()) {
      String head = request(socket);
      assertThat(head)
          .startsWith("POST " + WriterIntake.PATH + " ")
          .contains(WriterIntake.SECRET_HEADER + ": secret-of-the-cluster\r\n")
          .contains("Content-Type: " + WriterIntake.MEDIA_TYPE + "\r\n");
      answer(socket, 200, answers());
      assertThat(get(first)).hasSize(1);
      CompletableFuture<List<CommandAnswer>> second = send(SURELY);
      request(socket);
      answer(socket, 200, answers());
      assertThat(get(second)).hasSize(1);
    }
  }

  @Test
  void aBatchIsNotRepeatedWhenAKeptConnectionEnds() throws Exception {
    CompletableFuture<List<CommandAnswer>> first = send(SURELY);
    try (Socket socket = accept()) {
      request(socket);
      answer(socket, 200, answers());
      assertThat(get(first)).hasSize(1);
      CompletableFuture<List<CommandAnswer>> second = send(SURELY);
      request(socket);
      socket.close();
      assertThatThrownBy(() -> get(second)).hasCauseInstanceOf(IOException.class);
    }
    // Whatever comes next is the next batch, and no repetition.
    CompletableFuture<List<CommandAnswer>> third = send(SURELY);
    try (Socket socket = accept()) {
      request(socket);
      answer(socket, 200, answers());
      assertThat(get(third)).hasSize(1);
    }
    server.setSoTimeout(1);
    assertThatThrownBy(() -> server.accept()).isInstanceOf(SocketTimeoutException.class);
  }

  @Test
  void anotherStatusIsAnError() throws Exception {
    CompletableFuture<List<CommandAnswer>> sent = send(SURELY);
    try (Socket socket = accept()) {
      request(socket);
      answer(socket, 403, "no".getBytes(US_ASCII));
      assertThatThrownBy(() -> get(sent))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOf(IOException.class)
          .hasMessageEndingWith(" answered 403");
    }
  }

  @Test
  void whoGivesUpFreesThreadAndConnection() throws Exception {
    CompletableFuture<List<CommandAnswer>> sent = send(SURELY);
    try (Socket socket = accept()) {
      request(socket);
      sent.cancel(true);
      assertThat(ends(socket)).isTrue();
    }
    CompletableFuture<List<CommandAnswer>> next = send(SURELY);
    try (Socket socket = accept()) {
      request(socket);
      answer(socket, 200, answers());
      assertThat(get(next)).hasSize(1);
    }
  }

  @Test
  void whatWaitsForAThreadAndIsGivenUpIsNotSent() throws Exception {
    CompletableFuture<List<CommandAnswer>> first = send(SURELY);
    try (Socket socket = accept()) {
      request(socket);
      CompletableFuture<List<CommandAnswer>> second = send(SURELY);
      second.cancel(true);
      CompletableFuture<List<CommandAnswer>> third = send(SURELY);
      answer(socket, 200, answers());
      assertThat(get(first)).hasSize(1);
      // The one that was given up would have come first.
      request(socket);
      answer(socket, 200, answers());
      assertThat(get(third)).hasSize(1);
    }
  }

  @Test
  void anAnswerThatDoesNotComeEndsWithTheLimit() throws Exception {
    CompletableFuture<List<CommandAnswer>> sent = send(Duration.ofMillis(50));
    try (Socket socket = accept()) {
      request(socket);
      assertThatThrownBy(() -> get(sent)).hasCauseInstanceOf(SocketTimeoutException.class);
      assertThat(ends(socket)).isTrue();
    }
  }

  @Test
  void closingEndsWhatIsUnderWay() throws Exception {
    CompletableFuture<List<CommandAnswer>> sent = send(SURELY);
    try (Socket socket = accept()) {
      request(socket);
      transport.close();
      assertThat(ends(socket)).isTrue();
      assertThat(sent).isCancelled();
    }
  }
}
