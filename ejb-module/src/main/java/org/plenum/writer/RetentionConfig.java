package org.plenum.writer;

import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.config.Config;
import org.plenum.platform.config.ConfigKey;

/** When old entries and old log rows go. */
public final class RetentionConfig {
  private static final ConfigKey<Duration> EVERY =
      ConfigKey.duration(
          "plenum.retention.every",
          "10m",
          "How often the idle writer removes messages past the retention of their group and old log rows.");
  private static final ConfigKey<Duration> LOG =
      ConfigKey.duration(
          "plenum.retention.update-log",
          "7d",
          "How long rows of the update log are kept; a reader away for longer reloads instead of catching up.");

  /** Every key. */
  public static final List<ConfigKey<?>> KEYS = List.of(EVERY, LOG);

  private RetentionConfig() {}

  static Duration every(Config config) {
    return EVERY.from(config);
  }

  static Duration log(Config config) {
    return LOG.from(config);
  }
}
