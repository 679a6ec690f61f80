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

  /** Whether the topic is fed. */
  public static final ConfigKey<Boolean> TOPIC_ENABLED =
      ConfigKey.flag(
          "plenum.update.topic.enabled",
          true,
          "Whether updates are published for other nodes; a node that is alone may go without.");

  /** Bound of the updates that wait for the topic. */
  public static final ConfigKey<Integer> TOPIC_QUEUE =
      ConfigKey.integer(
          "plenum.update.topic.queue",
          16_384,
          16,
          1_000_000,
          "Updates that wait for the update topic; the oldest beyond it are not sent.");

  /** Size of one message. */
  public static final ConfigKey<Integer> TOPIC_BATCH_BYTES =
      ConfigKey.integer(
          "plenum.update.topic.batch-bytes",
          524_288,
          1_024,
          4_194_304,
          "Size in bytes at which a message on the update topic is full.");

  /** Pause between two messages. */
  public static final ConfigKey<Duration> TOPIC_LINGER =
      ConfigKey.duration(
          "plenum.update.topic.linger",
          "5ms",
          "Shortest time between two messages on the update topic; what comes meanwhile travels together.");

  /** Longest pause. */
  public static final ConfigKey<Duration> TOPIC_BACK_OFF =
      ConfigKey.duration(
          "plenum.update.topic.back-off",
          "10s",
          "Longest pause between attempts while the update topic is away.");

  /** Every key. */
  public static final List<ConfigKey<?>> KEYS =
      List.of(
          INBOX,
          EARLY,
          CATCH_UP_BATCH,
          POLL,
          TOPIC_ENABLED,
          TOPIC_QUEUE,
          TOPIC_BATCH_BYTES,
          TOPIC_LINGER,
          TOPIC_BACK_OFF);

  private UpdateConfig() {}
}
