package org.plenum.cluster;

import java.time.Duration;
import java.util.Locale;

/** Numbers in sentences for people. */
final class Words {
  private static final int MINUTE = 60;
  private static final int KIB = 1_024;

  private Words() {}

  /** A duration: 14 s, 3 min. */
  static String time(Duration time) {
    long seconds = time.toSeconds();
    return seconds < 2 * MINUTE ? seconds + " s" : seconds / MINUTE + " min";
  }

  /** A number with its noun: 1 node, 3,400 updates. */
  static String count(long number, String noun) {
    return String.format(Locale.ROOT, "%,d %s%s", number, noun, number == 1 ? "" : "s");
  }

  /** Bytes: 512 KiB, 64 MiB. */
  static String bytes(long number) {
    long kibibytes = number / KIB;
    return kibibytes < 10 * KIB ? kibibytes + " KiB" : kibibytes / KIB + " MiB";
  }
}
