package org.plenum.systemtest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocketListener;
import org.java_websocket.client.WebSocketClient;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.handshake.ServerHandshake;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.plenum.testkit.RestClient;

/** RFC 6455 against the deployed application, by independent clients and byte by byte. */
@OnH2
class SocketProtocolH2IT {
  private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
  private static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
  private static final byte[] HELLO = "{\"type\":\"hello\"}".getBytes(UTF_8);
  private static final byte[] PING = "{\"type\":\"ping\"}".getBytes(UTF_8);

  private RestClient ada;

  @BeforeEach
  void signIn(Installation installation) {
    ada = installation.person("ada");
  }

  private URI address() {
    return URI.create(ada.api().toString().replaceFirst("^http", "ws") + "/stream");
  }

  @Test
  void javaWebSocketTalksAndCloses() throws Exception {
    BlockingQueue<String> got = new LinkedBlockingQueue<>();
    Map<String, String> headers = Map.of("Authorization", "Bearer " + ada.token());
    WebSocketClient client =
        new WebSocketClient(address(), new Draft_6455(), headers, 5_000) {
          @Override
          public void onOpen(ServerHandshake handshake) {
            send(new String(HELLO, UTF_8));
          }

          @Override
          public void onMessage(String message) {
            got.add(message);
          }

          @Override
          public void onClose(int code, String reason, boolean remote) {
            got.add("closed " + code);
          }

          @Override
          public void onError(Exception error) {
            got.add("error " + error);
          }
        };
    assertThat(client.connectBlocking(10, TimeUnit.SECONDS)).isTrue();
    assertThat(got.poll(10, TimeUnit.SECONDS)).contains("\"type\":\"welcome\"");
    client.sendPing();
    client.send(new String(PING, UTF_8));
    assertThat(got.poll(10, TimeUnit.SECONDS)).contains("pong");
    client.closeBlocking();
    assertThat(got.poll(10, TimeUnit.SECONDS)).isEqualTo("closed 1000");
  }

  @Test
  void okHttpTalksAndCloses() throws Exception {
    BlockingQueue<String> got = new LinkedBlockingQueue<>();
    OkHttpClient http = new OkHttpClient();
    try {
      okhttp3.WebSocket socket =
          http.newWebSocket(
              new Request.Builder()
                  .url(address().toString())
                  .header("Sec-WebSocket-Protocol", "plenum.v1, plenum.bearer." + ada.token())
                  .build(),
              new WebSocketListener() {
                @Override
                public void onOpen(okhttp3.WebSocket opened, Response response) {
                  got.add("protocol " + response.header("Sec-WebSocket-Protocol"));
                }

                @Override
                public void onMessage(okhttp3.WebSocket from, String text) {
                  got.add(text);
                }

                @Override
                public void onClosed(okhttp3.WebSocket from, int code, String reason) {
                  got.add("closed " + code);
                }

                @Override
                public void onFailure(okhttp3.WebSocket from, Throwable t, Response response) {
                  got.add("failure " + t);
                }
              });
      assertThat(got.poll(10, TimeUnit.SECONDS)).isEqualTo("protocol plenum.v1");
      socket.send(new String(HELLO, UTF_8));
      assertThat(got.poll(10, TimeUnit.SECONDS)).contains("\"type\":\"welcome\"");
      socket.close(1000, "done");
      assertThat(got.poll(10, TimeUnit.SECONDS)).isEqualTo("closed 1000");
    } finally {
      http.dispatcher().executorService().shutdown();
      http.connectionPool().evictAll();
    }
  }

  @Test
  void theHandshakeIsTheOneOfTheStandard() throws Exception {
    try (RawSocket socket = new RawSocket(address(), headers())) {
      assertThat(socket.status).isEqualTo(101);
      assertThat(socket.headers).containsEntry("sec-websocket-accept", ACCEPT);
    }
  }

  static Stream<Arguments> refusals() {
    return Stream.of(
        Arguments.of(Map.of("Sec-WebSocket-Version", "8"), 426, "UPGRADE_REQUIRED"),
        Arguments.of(Map.of("Upgrade", "h2c"), 426, "UPGRADE_REQUIRED"),
        Arguments.of(Map.of("Sec-WebSocket-Key", "short"), 400, "MALFORMED_REQUEST"),
        Arguments.of(Map.of("Authorization", ""), 401, "UNAUTHENTICATED"),
        Arguments.of(Map.of("Authorization", "Bearer nonsense"), 401, "TOKEN_REJECTED"),
        Arguments.of(Map.of("Origin", "http://evil.example"), 403, "ORIGIN_REJECTED"));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void aWrongHandshakeIsRefusedWithAProblem(Map<String, String> wrong, int status, String code)
      throws Exception {
    Map<String, String> headers = headers();
    headers.putAll(wrong);
    headers.values().removeIf(String::isEmpty);
    try (RawSocket socket = new RawSocket(address(), headers)) {
      assertThat(socket.status).isEqualTo(status);
      assertThat(socket.headers).containsEntry("content-type", "application/problem+json");
      assertThat(socket.body()).contains("\"code\":\"" + code + "\"");
    }
  }

  @Test
  void fragmentsPingsAndSplitBytesAreUnderstood() throws Exception {
    try (RawSocket socket = new RawSocket(address(), headers())) {
      socket.send(frame(0x81, HELLO));
      assertThat(socket.next()).contains("welcome");
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      bytes.writeBytes(frame(0x01, "{\"type\":".getBytes(UTF_8)));
      bytes.writeBytes(frame(0x89, "in between".getBytes(UTF_8)));
      bytes.writeBytes(frame(0x80, "\"ping\"}".getBytes(UTF_8)));
      for (byte one : bytes.toByteArray()) {
        socket.send(new byte[] {one});
      }
      assertThat(List.of(socket.next(), socket.next()))
          .containsExactly("pong in between", "{\"type\":\"pong\"}");
      socket.send(frame(0x88, new byte[] {3, (byte) 0xE8}));
      assertThat(socket.next()).isEqualTo("close 1000");
      assertThat(socket.next()).isEqualTo("end");
    }
  }

  static Stream<Arguments> violations() {
    return Stream.of(
        Arguments.of("unmasked", new byte[] {(byte) 0x81, 1, 'a'}, 1002),
        Arguments.of("reserved bits", frame(0xF1, PING), 1002),
        Arguments.of("reserved opcode", frame(0x83, PING), 1002),
        Arguments.of("fragmented ping", frame(0x09, new byte[1]), 1002),
        Arguments.of("nothing to continue", frame(0x80, PING), 1002),
        Arguments.of("binary", frame(0x82, PING), 1003),
        Arguments.of("not UTF-8", frame(0x81, new byte[] {(byte) 0xC0, (byte) 0xAF}), 1007),
        Arguments.of("too large", frame(0x81, new byte[70_000]), 1009));
  }

  @ParameterizedTest(name = "{0} closes with {2}")
  @MethodSource("violations")
  void aViolationClosesWithItsCode(String name, byte[] bytes, int code) throws Exception {
    try (RawSocket socket = new RawSocket(address(), headers())) {
      socket.send(frame(0x81, HELLO));
      assertThat(socket.next()).contains("welcome");
      socket.send(bytes);
      assertThat(socket.next()).as(name).isEqualTo("close " + code);
    }
  }

  @Test
  void aMessageThatMakesNoSenseIsAnsweredAndTheSocketGoesOn() throws Exception {
    try (RawSocket socket = new RawSocket(address(), headers())) {
      socket.send(frame(0x81, HELLO));
      assertThat(socket.next()).contains("welcome");
      socket.send(frame(0x81, "{".getBytes(UTF_8)));
      assertThat(socket.next()).contains("MALFORMED_REQUEST");
      socket.send(frame(0x81, PING));
      assertThat(socket.next()).contains("pong");
    }
  }

  private Map<String, String> headers() {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Upgrade", "websocket");
    headers.put("Connection", "keep-alive, Upgrade");
    headers.put("Sec-WebSocket-Version", "13");
    headers.put("Sec-WebSocket-Key", KEY);
    headers.put("Authorization", "Bearer " + ada.token());
    return headers;
  }

  private static byte[] frame(int first, byte[] payload) {
    byte[] mask = {1, 2, 3, 4};
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(first);
    if (payload.length < 126) {
      out.write(0x80 | payload.length);
    } else if (payload.length < 65_536) {
      out.writeBytes(new byte[] {(byte) 0xFE, (byte) (payload.length >> 8), (byte) payload.length});
    } else {
      out.writeBytes(new byte[] {(byte) 0xFF, 0, 0, 0, 0, 0, (byte) (payload.length >> 16)});
      out.writeBytes(new byte[] {(byte) (payload.length >> 8), (byte) payload.length});
    }
    out.writeBytes(mask);
    for (int i = 0; i < payload.length; i++) {
      out.write(payload[i] ^ mask[i % 4]);
    }
    return out.toByteArray();
  }

  /** A connection without a library: what is sent and read is exactly what the test says. */
  private static final class RawSocket implements AutoCloseable {
    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    final int status;
    final Map<String, String> headers = new LinkedHashMap<>();

    RawSocket(URI address, Map<String, String> requestHeaders) throws IOException {
      socket = new Socket(address.getHost(), address.getPort());
      socket.setSoTimeout(10_000);
      socket.setTcpNoDelay(true);
      in = new DataInputStream(socket.getInputStream());
      out = socket.getOutputStream();
      List<String> request = new ArrayList<>();
      request.add("GET " + address.getPath() + " HTTP/1.1");
      request.add("Host: " + address.getAuthority());
      requestHeaders.forEach((name, value) -> request.add(name + ": " + value));
      out.write((String.join("\r\n", request) + "\r\n\r\n").getBytes(ISO_8859_1));
      status = Integer.parseInt(line().split(" ", -1)[1]);
      for (String line = line(); !line.isEmpty(); line = line()) {
        int colon = line.indexOf(':');
        headers.put(
            line.substring(0, colon).toLowerCase(java.util.Locale.ROOT),
            line.substring(colon + 1).strip());
      }
    }

    private String line() throws IOException {
      StringBuilder line = new StringBuilder();
      for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
        if (next != '\r') {
          line.append((char) next);
        }
      }
      return line.toString();
    }

    String body() throws IOException {
      return new String(
          in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0"))), UTF_8);
    }

    void send(byte[] bytes) throws IOException {
      out.write(bytes);
      out.flush();
    }

    /** The next frame but heartbeats and their pings: a text, pong, close with its code, or end. */
    String next() throws IOException {
      while (true) {
        int first = in.read();
        if (first < 0) {
          return "end";
        }
        int length = in.readUnsignedByte();
        if (length == 126) {
          length = in.readUnsignedShort();
        } else if (length == 127) {
          length = Math.toIntExact(in.readLong());
        }
        byte[] payload = in.readNBytes(length);
        String text = new String(payload, UTF_8);
        switch (first) {
          case 0x81 -> {
            if (!text.contains("\"heartbeat\"") && !text.contains("\"updates\"")) {
              return text;
            }
          }
          case 0x8A -> {
            return "pong " + text;
          }
          case 0x88 -> {
            return "close " + (((payload[0] & 0xFF) << 8) | (payload[1] & 0xFF));
          }
          default -> assertThat(first).as("ping").isEqualTo(0x89);
        }
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
