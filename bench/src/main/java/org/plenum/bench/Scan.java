package org.plenum.bench;

/** Finds byte patterns in frames. */
final class Scan {
  private Scan() {}

  /** The offset after the first occurrence of the pattern, or -1. */
  static int after(byte[] bytes, int from, int to, byte[] pattern) {
    int last = to - pattern.length;
    byte first = pattern[0];
    for (int i = from; i <= last; i++) {
      if (bytes[i] == first && matches(bytes, i, pattern)) {
        return i + pattern.length;
      }
    }
    return -1;
  }

  private static boolean matches(byte[] bytes, int at, byte[] pattern) {
    for (int i = 1; i < pattern.length; i++) {
      if (bytes[at + i] != pattern[i]) {
        return false;
      }
    }
    return true;
  }

  /** The decimal number that begins here. */
  static long number(byte[] bytes, int at) {
    long value = 0;
    for (int i = at; bytes[i] >= '0' && bytes[i] <= '9'; i++) {
      value = value * 10 + (bytes[i] - '0');
    }
    return value;
  }
}
