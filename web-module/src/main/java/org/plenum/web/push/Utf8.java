package org.plenum.web.push;

/** Strict validation of UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing cut off. */
final class Utf8 {
  private Utf8() {}

  static boolean valid(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to) {
      int lead = bytes[at++];
      if (lead >= 0) {
        continue;
      }
      int more = continuations(lead & 0xFF);
      if (more == 0 || to - at < more || !secondFits(lead & 0xFF, bytes[at] & 0xFF)) {
        return false;
      }
      for (int i = 0; i < more; i++) {
        if ((bytes[at++] & 0xC0) != 0x80) {
          return false;
        }
      }
    }
    return true;
  }

  private static int continuations(int lead) {
    if (lead >= 0xC2 && lead <= 0xDF) {
      return 1;
    }
    if (lead >= 0xE0 && lead <= 0xEF) {
      return 2;
    }
    return lead >= 0xF0 && lead <= 0xF4 ? 3 : 0;
  }

  private static boolean secondFits(int lead, int second) {
    return switch (lead) {
      case 0xE0 -> second >= 0xA0;
      case 0xED -> second <= 0x9F;
      case 0xF0 -> second >= 0x90;
      case 0xF4 -> second <= 0x8F;
      default -> true;
    };
  }
}
