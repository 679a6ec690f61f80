package org.plenum.bench.net;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket client: handshake, masked text frames out, text frames in, pings answered. The
 * payload is handed over in place. Compression is not offered.
 */
public abstract class WebSocketConnection extends Connection {
  private static final int TEXT = 1;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;

  private final String request;
  private boolean open;
  private @Nullable ByteArrayOutputStream fragments;

  protected WebSocketConnection(int port, String path, String token) {
    this.request =
        String.join(
            "\r\n",
            "GET " + path + " HTTP/1.1",
            "Host: 127.0.0.1:" + port,
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Protocol: plenum.v1",
            "Authorization: Bearer " + token,
            "",
            "");
  }

  /** The handshake succeeded. */
  protected abstract void opened();

  /** A text message; the bytes are valid during the call only. */
  protected abstract void text(byte[] bytes, int from, int to);

  /** Sends a text frame. */
  public final void sendText(byte[] payload) {
    sendFrame(TEXT, payload, 0, payload.length);
  }

  @Override
  protected final void connected() {
    send(ByteBuffer.wrap(request.getBytes(ISO_8859_1)));
  }

  @Override
  protected final int received(byte[] bytes, int from, int to) throws IOException {
    int at = from;
    if (!open) {
      int end = endOfHeaders(bytes, from, to);
      if (end < 0) {
        return from;
      }
      String head = new String(bytes, from, end - from, ISO_8859_1);
      if (!head.startsWith("HTTP/1.1 101")) {
        throw new IOException("handshake refused: " + head);
      }
      open = true;
      at = end;
      opened();
    }
    while (true) {
      int next = frame(bytes, at, to);
      if (next < 0) {
        return at;
      }
      at = next;
    }
  }

  /** Handles one frame and returns the offset after it, or -1 when it is not whole yet. */
  private int frame(byte[] bytes, int at, int to) throws IOException {
    if (to - at < 2) {
      return -1;
    }
    int header = 2;
    long length = bytes[at + 1] & 0x7f;
    if (length == 126) {
      header = 4;
      if (to - at < header) {
        return -1;
      }
      length = ByteBuffer.wrap(bytes, at + 2, 2).getShort() & 0xffffL;
    } else if (length == 127) {
      header = 10;
      if (to - at < header) {
        return -1;
      }
      length = ByteBuffer.wrap(bytes, at + 2, 8).getLong();
    }
    if (to - at - header < length) {
      return -1;
    }
    int start = at + header;
    int end = Math.toIntExact(start + length);
    frame(bytes[at] & 0x0f, (bytes[at] & 0x80) != 0, bytes, start, end);
    return end;
  }

  private void frame(int opcode, boolean last, byte[] bytes, int start, int end)
      throws IOException {
    if (opcode == PING) {
      sendFrame(PONG, bytes, start, end - start);
    } else if (opcode == CLOSE) {
      String reason =
          end - start > 2 ? new String(bytes, start + 2, end - start - 2, ISO_8859_1) : "";
      int code = end - start >= 2 ? ByteBuffer.wrap(bytes, start, 2).getShort() & 0xffff : 1005;
      throw new IOException("closed by the server: " + code + " " + reason);
    } else if (opcode <= TEXT) {
      if (last && fragments == null) {
        text(bytes, start, end);
        return;
      }
      ByteArrayOutputStream whole = fragments == null ? new ByteArrayOutputStream() : fragments;
      whole.write(bytes, start, end - start);
      fragments = last ? null : whole;
      if (last) {
        byte[] message = whole.toByteArray();
        text(message, 0, message.length);
      }
    }
  }

  private void sendFrame(int opcode, byte[] payload, int from, int length) {
    ByteBuffer frame = ByteBuffer.allocate(length + 14);
    frame.put((byte) (0x80 | opcode));
    if (length < 126) {
      frame.put((byte) (0x80 | length));
    } else if (length < 65_536) {
      frame.put((byte) (0x80 | 126)).putShort((short) length);
    } else {
      frame.put((byte) (0x80 | 127)).putLong(length);
    }
    int mask = ThreadLocalRandom.current().nextInt();
    frame.putInt(mask);
    for (int i = 0; i < length; i++) {
      frame.put((byte) (payload[from + i] ^ (mask >>> (24 - 8 * (i & 3)))));
    }
    send(frame.flip());
  }

  static int endOfHeaders(byte[] bytes, int from, int to) {
    for (int i = from; i + 3 < to; i++) {
      if (bytes[i] == '\r'
          && bytes[i + 1] == '\n'
          && bytes[i + 2] == '\r'
          && bytes[i + 3] == '\n') {
        return i + 4;
      }
    }
    return -1;
  }
}
