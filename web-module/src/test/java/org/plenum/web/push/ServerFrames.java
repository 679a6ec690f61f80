package org.plenum.web.push;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;

/** Reads what a server sent: the JSON of text frames, and {@code close:<code>}, {@code ping}. */
final class ServerFrames {
  private ServerFrames() {}

  static List<String> read(byte[] bytes) {
    List<String> frames = new ArrayList<>();
    int at = 0;
    while (at < bytes.length) {
      int opcode = bytes[at] & 0x0F;
      int length = bytes[at + 1] & 0x7F;
      at += 2;
      if (length >= 126) {
        int size = length == 126 ? 2 : 8;
        length = 0;
        for (int i = 0; i < size; i++) {
          length = (length << 8) | (bytes[at + i] & 0xFF);
        }
        at += size;
      }
      frames.add(
          switch (opcode) {
            case ClientFrames.TEXT -> new String(bytes, at, length, UTF_8);
            case ClientFrames.CLOSE ->
                length == 0
                    ? "close:1005"
                    : "close:" + (((bytes[at] & 0xFF) << 8) | (bytes[at + 1] & 0xFF));
            case ClientFrames.PING -> "ping";
            case ClientFrames.PONG -> "pong:" + new String(bytes, at, length, UTF_8);
            default -> throw new AssertionError("opcode " + opcode);
          });
      at += length;
    }
    return frames;
  }
}
