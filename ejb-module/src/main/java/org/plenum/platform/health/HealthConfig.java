package org.plenum.platform.health;

import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.config.Config;
import org.plenum.platform.config.ConfigKey;

/**
 * Bounds of health.
 *
 * @param databaseGrace how long the database may be away before the node is taken out of rotation
 * @param databaseWait how long one answer about health waits for the database
 * @param lag updates that the node may be behind the log
 * @param clockDifference the largest difference to the database's clock at the start
 */
public record HealthConfig(
    Duration databaseGrace, Duration databaseWait, int lag, Duration clockDifference) {
  private static final ConfigKey<Duration> DATABASE_GRACE =
      ConfigKey.duration(
          "plenum.health.database-grace",
          "60s",
          "How long the database may be away before the node reports not ready; until then reads are served from the cache.");
  private static final ConfigKey<Duration> DATABASE_WAIT =
      ConfigKey.duration(
          "plenum.health.database-wait",
          "300ms",
          "How long an answer about health waits for the database; then it says what is known, and how old that is.");
  private static final ConfigKey<Integer> LAG =
      ConfigKey.integer(
          "plenum.health.lag",
          50_000,
          100,
          10_000_000,
          "Updates that the node may be behind the update log before it reports not ready.");
  private static final ConfigKey<Duration> CLOCK_DIFFERENCE =
      ConfigKey.duration(
          "plenum.health.clock-difference",
          "30s",
          "Largest difference between the clocks of this node and of the database at which the application starts.");

  /** Every key. */
  public static final List<ConfigKey<?>> KEYS =
      List.of(DATABASE_GRACE, DATABASE_WAIT, LAG, CLOCK_DIFFERENCE);

  /** The values in force. */
  public static HealthConfig from(Config config) {
    return new HealthConfig(
        DATABASE_GRACE.from(config),
        DATABASE_WAIT.from(config),
        LAG.from(config),
        CLOCK_DIFFERENCE.from(config));
  }
}
