package org.plenum.update;

import java.time.Duration;
import java.util.List;
import org.plenum.platform.config.ConfigKey;

/** Configuration of the update stream. */
public final class UpdateConfig {
  /** Bound of the inbox. */
  public static final ConfigKey<Integer> INBOX =
      ConfigKey.integer(
          "plenum.update.inbox",
          1_024,
          16,
          65_536,
          "Batches that wait for this node's update stream; more are read from the log.");

  /** Bound of early updates. */
  public static final ConfigKey<Integer> EARLY =
      ConfigKey.integer(
          "plenum.update.early",
          16_384,
          16,
          1_000_000,
          "Updates ahead of a gap that are kept while the gap is fetched.");

  /** Rows per read. */
  public static final ConfigKey<Integer> CATCH_UP_BATCH =
      ConfigKey.integer(
          "plenum.update.catch-up-batch",
          1_000,
          10,
          10_000,
          "Updates read from the update log at a time.");

  /** Poll of the log. */
  public static final ConfigKey<Duration> POLL =
      ConfigKey.duration(
          "plenum.update.poll", "1s", "How long a gap can last before the update log is read.");

  /** Every key. */
  public static final List<ConfigKey<?>> KEYS = List.of(INBOX, EARLY, CATCH_UP_BATCH, POLL);

  private UpdateConfig() {}
}
