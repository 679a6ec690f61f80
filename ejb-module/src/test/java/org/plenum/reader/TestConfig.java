package org.plenum.reader;

import java.time.Duration;
import org.plenum.platform.metrics.SilentMeters;

/** Reader configurations of tests. */
final class TestConfig {
  private TestConfig() {}

  static ReaderConfig of(int recentUpdates) {
    return new ReaderConfig(
        64 << 20,
        recentUpdates,
        16 << 20,
        Duration.ofMillis(20),
        Duration.ofSeconds(5),
        true,
        Duration.ofMillis(250),
        Duration.ofSeconds(5),
        Duration.ofSeconds(20),
        8_192,
        262_144,
        Duration.ofMillis(5),
        64,
        "",
        Duration.ofSeconds(60),
        100_000);
  }

  static ReaderMeters meters() {
    return ReaderMeters.of(new SilentMeters());
  }
}
