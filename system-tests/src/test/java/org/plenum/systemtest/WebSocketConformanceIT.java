package org.plenum.systemtest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.java_websocket.client.WebSocketClient;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.handshake.ServerHandshake;
import org.java_websocket.protocols.Protocol;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.plenum.testkit.RestClient;

/** RFC 6455 as clients of three makers and a hand with a hex dump see it. */
@OnPostgres
class WebSocketConformanceIT {
  private static final String HELLO = "{\"type\":\"hello\",\"resume\":{}}";

  private RestClient grace;
  private String group;
  private URI stream;
  private int port;

  @BeforeEach
  void signIn(Installation installation) {
    grace = installation.person("grace");
    group = Groups.create(grace, "PUBLIC");
    port = installation.server().httpPort();
    stream = URI.create("ws://127.0.0.1:" + port + "/plenum/api/v1/stream");
  }

  @Test
  void javaWebSocketChats() throws Exception {
    List<String> frames = new CopyOnWriteArrayList<>();
    WebSocketClient client =
        new WebSocketClient(
            stream,
            new Draft_6455(List.of(), List.of(new Protocol("plenum.v1"))),
            Map.of("Authorization", "Bearer " + grace.token()),
            10_000) {
          @Override
          public void onOpen(ServerHandshake handshake) {
            send(HELLO);
          }

          @Override
          public void onMessage(String message) {
            frames.add(message);
          }

          @Override
          public void onClose(int code, String reason, boolean remote) {
            frames.add("closed " + code);
          }

          @Override
          public void onError(Exception error) {
            frames.add("error " + error);
          }
        };
    assertThat(client.connectBlocking(10, TimeUnit.SECONDS)).isTrue();
    awaitFrame(frames, "\"type\":\"welcome\"");
    Groups.post(grace, group, "to Java-WebSocket");
    awaitFrame(frames, "to Java-WebSocket");
    client.closeBlocking();
    awaitFrame(frames, "closed 1000");
  }

  @Test
  void okHttpChatsWithTheTokenAsSubprotocol() {
    List<String> frames = new CopyOnWriteArrayList<>();
    OkHttpClient client = new OkHttpClient();
    Request request =
        new Request.Builder()
            .url(stream.toString().replaceFirst("^ws", "http"))
            .header("Sec-WebSocket-Protocol", "plenum.v1, plenum.bearer." + grace.token())
            .build();
    WebSocket socket =
        client.newWebSocket(
            request,
            new WebSocketListener() {
              @Override
              public void onMessage(WebSocket webSocket, String text) {
                frames.add(text);
              }

              @Override
              public void onClosing(WebSocket webSocket, int code, String reason) {
                frames.add("closed " + code);
              }

              @Override
              public void onFailure(WebSocket webSocket, Throwable error, Response response) {
                frames.add("failed " + error);
              }
            });
    try {
      socket.send(HELLO);
      awaitFrame(frames, "\"type\":\"welcome\"");
      Groups.post(grace, group, "to OkHttp");
      awaitFrame(frames, "to OkHttp");
    } finally {
      socket.close(1000, null);
      client.dispatcher().executorService().shutdown();
      client.connectionPool().evictAll();
    }
  }

  private static void awaitFrame(List<String> frames, String part) {
    await().untilAsserted(() -> assertThat(frames).anyMatch(frame -> frame.contains(part)));
  }

  @Test
  void aMessageInFragmentsWithAPingBetweenIsOneMessage() throws IOException {
    try (Raw raw = new Raw()) {
      raw.frame(0x01, HELLO.substring(0, 10).getBytes(UTF_8));
      raw.frame(0x89, "beat".getBytes(UTF_8));
      raw.frame(0x80, HELLO.substring(10).getBytes(UTF_8));

      assertThat(raw.next(0x8a)).isEqualTo("beat");
      assertThat(raw.next(0x81)).contains("welcome");
    }
  }

  @Test
  void aCloseIsAnsweredByAClose() throws IOException {
    try (Raw raw = new Raw()) {
      raw.frame(0x88, new byte[] {0x03, (byte) 0xe8});
      assertThat(raw.closeCode()).isEqualTo(1000);
    }
  }

  /** First byte, second byte and payload in hex, unmasked here; the expected close code. */
  @ParameterizedTest(name = "{3}")
  @CsvSource({
    "81, 80, c328, text that is not UTF-8, 1007",
    "c1, 80, 6161, a reserved bit, 1002",
    "83, 80, 6161, a reserved opcode, 1002",
    "80, 80, 6161, a continuation of nothing, 1002",
    "09, 80, 6161, a fragmented ping, 1002",
    "88, 80, 03, a close of one byte, 1002",
    "81, 00, 6161, a frame without a mask, 1002"
  })
  void aViolationIsClosedWithItsCode(
      String first, String mask, String payload, String what, int code) throws IOException {
    try (Raw raw = new Raw()) {
      byte[] bytes = HexFormat.of().parseHex(payload);
      raw.frame(Integer.parseInt(first, 16), !mask.equals("00"), bytes);
      assertThat(raw.closeCode()).as(what).isEqualTo(code);
    }
  }

  @Test
  void aMessageThatIsTooLongIsClosedWith1009() throws IOException {
    try (Raw raw = new Raw()) {
      raw.frame(0x81, "x".repeat(2_000_000).getBytes(UTF_8));
      assertThat(raw.closeCode()).isEqualTo(1009);
    }
  }

  /** A WebSocket of which every bit is ours. */
  private final class Raw implements AutoCloseable {
    private final Socket socket;
    private final DataInputStream in;

    Raw() throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout(20_000);
      in = new DataInputStream(socket.getInputStream());
      String handshake =
          String.join(
              "\r\n",
              "GET /plenum/api/v1/stream HTTP/1.1",
              "Host: 127.0.0.1:" + port,
              "Upgrade: websocket",
              "Connection: keep-alive, Upgrade",
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
              "Sec-WebSocket-Version: 13",
              "Sec-WebSocket-Protocol: plenum.v1",
              "Authorization: Bearer " + grace.token(),
              "",
              "");
      socket.getOutputStream().write(handshake.getBytes(ISO_8859_1));
      ByteArrayOutputStream head = new ByteArrayOutputStream();
      while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
        head.write(in.readUnsignedByte());
      }
      assertThat(head.toString(ISO_8859_1))
          .startsWith("HTTP/1.1 101")
          .contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    void frame(int first, byte[] payload) throws IOException {
      frame(first, true, payload);
    }

    void frame(int first, boolean masked, byte[] payload) throws IOException {
      ByteArrayOutputStream frame = new ByteArrayOutputStream();
      int bit = masked ? 0x80 : 0;
      frame.write(first);
      if (payload.length < 126) {
        frame.write(bit | payload.length);
      } else {
        frame.write(bit | 127);
        for (int shift = 56; shift >= 0; shift -= 8) {
          frame.write((int) ((long) payload.length >>> shift));
        }
      }
      byte[] mask = {0x11, 0x22, 0x33, 0x44};
      if (masked) {
        frame.writeBytes(mask);
      }
      for (int i = 0; i < payload.length; i++) {
        frame.write(masked ? payload[i] ^ mask[i & 3] : payload[i]);
      }
      try {
        OutputStream out = socket.getOutputStream();
        frame.writeTo(out);
        out.flush();
      } catch (IOException e) {
        assertThat(payload.length).as("refused while sending").isGreaterThan(100_000);
      }
    }

    /** The payload of the next frame that begins with this byte; heartbeats are passed over. */
    String next(int first) throws IOException {
      while (true) {
        int begin = in.readUnsignedByte();
        byte[] payload = payload();
        if (begin == first) {
          return new String(payload, UTF_8);
        }
      }
    }

    int closeCode() throws IOException {
      String payload = nextClose();
      return (payload.charAt(0) << 8) | payload.charAt(1);
    }

    private String nextClose() throws IOException {
      while (true) {
        int begin = in.readUnsignedByte();
        byte[] payload = payload();
        if (begin == 0x88) {
          return new String(payload, ISO_8859_1);
        }
      }
    }

    private byte[] payload() throws IOException {
      int length = in.readUnsignedByte();
      if (length == 126) {
        length = in.readUnsignedShort();
      } else if (length == 127) {
        length = Math.toIntExact(in.readLong());
      }
      byte[] payload = new byte[length];
      in.readFully(payload);
      return payload;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
