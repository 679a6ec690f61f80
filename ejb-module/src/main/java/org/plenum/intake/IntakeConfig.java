package org.plenum.intake;

import java.time.Duration;
import java.util.List;
import org.plenum.platform.config.ConfigKey;

/** Configuration of the command queue's consumer and its dead letters. */
public final class IntakeConfig {
  /** Whether this node consumes. */
  public static final ConfigKey<Boolean> ENABLED =
      ConfigKey.flag(
          "plenum.intake.enabled", true, "Whether this node consumes the group command queue.");

  /** Size cap. */
  public static final ConfigKey<Integer> MAX_BYTES =
      ConfigKey.integer(
          "plenum.intake.max-bytes",
          65_536,
          256,
          1_048_576,
          "Largest message text in bytes of UTF-8; a larger one goes to the dead letters, cut.");

  /** Messages in one transaction. */
  public static final ConfigKey<Integer> BATCH =
      ConfigKey.integer(
          "plenum.intake.batch",
          100,
          1,
          1_000,
          "Messages received, in flight at the writer and acknowledged together; no more than the"
              + " broker's imq.transaction.consumer.maxNumMsgs, by default 100.");

  /** Deadline at the writer. */
  public static final ConfigKey<Duration> ANSWER_TIMEOUT =
      ConfigKey.duration(
          "plenum.intake.answer-timeout", "10s", "How long a command may wait for the writer.");

  /** Retries in place. */
  public static final ConfigKey<Duration> PATIENCE =
      ConfigKey.duration(
          "plenum.intake.patience",
          "20s",
          "How long commands that met a transient fault are tried again before redelivery.");

  /** Pause between retries. */
  public static final ConfigKey<Duration> RETRY_PAUSE =
      ConfigKey.duration(
          "plenum.intake.retry-pause", "250ms", "Pause before a command is tried again in place.");

  /** Pause before redelivery. */
  public static final ConfigKey<Duration> REDELIVERY_DELAY =
      ConfigKey.duration(
          "plenum.intake.redelivery-delay",
          "5s",
          "Pause after messages were given back to the queue, and longest pause while the queue is"
              + " away.");

  /** Bound of tries. */
  public static final ConfigKey<Integer> MAX_TRIES =
      ConfigKey.integer(
          "plenum.intake.max-tries",
          5,
          1,
          1_000,
          "Tries of a redelivered message on its own, crashes of the server in mid-try included,"
              + " after which it is a dead letter; an outage is no try.");

  /** Life of an answer. */
  public static final ConfigKey<Duration> REPLY_TTL =
      ConfigKey.duration(
          "plenum.intake.reply-ttl", "1h", "How long an answer waits for its producer.");

  /** Retention of letters. */
  public static final ConfigKey<Duration> LETTER_RETENTION =
      ConfigKey.duration(
          "plenum.intake.dead-letters.retention", "90d", "How long dead letters are kept.");

  /** Bound of letters. */
  public static final ConfigKey<Integer> LETTER_LIMIT =
      ConfigKey.integer(
          "plenum.intake.dead-letters.limit",
          100_000,
          100,
          10_000_000,
          "Dead letters that are kept; beyond it those dealt with go first, then the oldest.");

  /** Whether this node consumes reports. */
  public static final ConfigKey<Boolean> REPORTS =
      ConfigKey.flag(
          "plenum.intake.reports.enabled", true, "Whether this node consumes the report queue.");

  /** Reports in one transaction. */
  public static final ConfigKey<Integer> REPORTS_BATCH =
      ConfigKey.integer(
          "plenum.intake.reports.batch",
          100,
          1,
          1_000,
          "Messages of the report queue received, made durable and acknowledged together; no more"
              + " than the broker's imq.transaction.consumer.maxNumMsgs, by default 100.");

  /** Every key. */
  public static final List<ConfigKey<?>> KEYS =
      List.of(
          ENABLED,
          MAX_BYTES,
          BATCH,
          ANSWER_TIMEOUT,
          PATIENCE,
          RETRY_PAUSE,
          REDELIVERY_DELAY,
          MAX_TRIES,
          REPLY_TTL,
          LETTER_RETENTION,
          LETTER_LIMIT,
          REPORTS,
          REPORTS_BATCH);

  private IntakeConfig() {}
}
