package org.plenum.balancer;

import java.util.Arrays;
import java.util.Locale;

/** How a request finds its node (GRP-1). */
enum Choice {
  /** Any of them, each as likely. */
  RANDOM,
  /** Each in turn. */
  EVEN,
  /** The one with the fewest open requests for the processor time that it has left. */
  BY_LOAD;

  /** Its name in the configuration. */
  String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The choice of that name.
   *
   * @throws IllegalArgumentException when there is none
   */
  static Choice of(String text) {
    return Arrays.stream(values())
        .filter(choice -> choice.text().equals(text.strip()))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("must be one of random, even, by-load"));
  }
}
