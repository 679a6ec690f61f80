package org.plenum.web.push;

import java.nio.charset.StandardCharsets;

/** Encodes frames of a server: unmasked, unfragmented (RFC 6455, section 5.2). */
final class WebSocketFrames {
  private static final int TEXT = 0x81;
  private static final int CLOSE = 0x88;
  private static final int PING = 0x89;
  private static final int PONG = 0x8A;

  private WebSocketFrames() {}

  /** Bytes of the header before a payload of this length. */
  static int headerSize(int payload) {
    if (payload < 126) {
      return 2;
    }
    return payload < 65_536 ? 4 : 10;
  }

  /** Writes the header of a text frame; returns the offset after it. */
  static int textHeader(byte[] frame, int payload) {
    return header(frame, TEXT, payload);
  }

  static byte[] ping() {
    return new byte[] {(byte) PING, 0};
  }

  static byte[] pong(byte[] payload) {
    return control(PONG, payload);
  }

  /** A close frame; {@link CloseCode#NO_STATUS} gives an empty one. */
  static byte[] close(int code, String reason) {
    if (code == CloseCode.NO_STATUS) {
      return control(CLOSE, new byte[0]);
    }
    byte[] text = reason.getBytes(StandardCharsets.US_ASCII);
    int length = Math.min(text.length, 123);
    byte[] payload = new byte[2 + length];
    payload[0] = (byte) (code >> 8);
    payload[1] = (byte) code;
    System.arraycopy(text, 0, payload, 2, length);
    return control(CLOSE, payload);
  }

  private static byte[] control(int first, byte[] payload) {
    byte[] frame = new byte[2 + payload.length];
    int at = header(frame, first, payload.length);
    System.arraycopy(payload, 0, frame, at, payload.length);
    return frame;
  }

  private static int header(byte[] frame, int first, int payload) {
    frame[0] = (byte) first;
    if (payload < 126) {
      frame[1] = (byte) payload;
      return 2;
    }
    if (payload < 65_536) {
      frame[1] = 126;
      frame[2] = (byte) (payload >> 8);
      frame[3] = (byte) payload;
      return 4;
    }
    frame[1] = 127;
    for (int i = 0; i < 8; i++) {
      frame[2 + i] = (byte) ((long) payload >> (8 * (7 - i)));
    }
    return 10;
  }
}
