package org.plenum.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/**
 * The text of a benchmark message: a mark, when it was to be sent, by whom and which of the
 * sender's it is, in fixed columns, then filler. 96 characters. The mark and the columns are found
 * again in any frame without parsing the rest.
 */
final class Stamp {
  /** Length of a text in bytes. */
  static final int LENGTH = 96;

  /** First byte of a text. */
  static final byte MARK = '@';

  private static final int NANOS = 19;
  private static final int SENDER = 5;
  private static final int NUMBER = 8;
  private static final byte[] FILLER =
      " the quick brown fox jumps over the lazy dog and on into the evening".getBytes(ISO_8859_1);

  private Stamp() {}

  /** A text. */
  static byte[] text(long nanos, int sender, int n) {
    byte[] text = new byte[LENGTH];
    text[0] = MARK;
    digits(text, 1, NANOS, nanos);
    digits(text, 1 + NANOS, SENDER, sender);
    digits(text, 1 + NANOS + SENDER, NUMBER, n);
    int at = 1 + NANOS + SENDER + NUMBER;
    for (int i = 0; at < LENGTH; i++, at++) {
      text[at] = FILLER[i];
    }
    return text;
  }

  private static void digits(byte[] text, int from, int width, long value) {
    long rest = value;
    for (int i = from + width - 1; i >= from; i--) {
      text[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }

  /** When the message whose text begins at this offset was to be sent. */
  static long nanos(byte[] bytes, int at) {
    return number(bytes, at + 1, NANOS);
  }

  /** Who sent it. */
  static int sender(byte[] bytes, int at) {
    return (int) number(bytes, at + 1 + NANOS, SENDER);
  }

  /** Which of the sender's it is. */
  static int n(byte[] bytes, int at) {
    return (int) number(bytes, at + 1 + NANOS + SENDER, NUMBER);
  }

  private static long number(byte[] bytes, int from, int width) {
    long value = 0;
    for (int i = from; i < from + width; i++) {
      value = value * 10 + (bytes[i] - '0');
    }
    return value;
  }
}
