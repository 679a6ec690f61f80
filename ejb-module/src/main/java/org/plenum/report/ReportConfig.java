package org.plenum.report;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.config.Config;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.NodeConfig;
import org.plenum.platform.ServiceException;
import org.plenum.platform.config.ConfigKey;
import org.plenum.platform.config.DataFolder;
import org.plenum.report.queue.QueueOptions;
import org.plenum.report.queue.journal.JournalOptions;

/** Configuration of reports: the buffered queue of this node, its bounds, and who may report. */
public final class ReportConfig {
  /** Whether this node takes reports. */
  public static final ConfigKey<Boolean> ENABLED =
      ConfigKey.flag("plenum.report.enabled", true, "Whether this node takes reports.");

  /** Largest body. */
  public static final ConfigKey<Integer> MAX_BYTES =
      ConfigKey.integer(
          "plenum.report.max-bytes",
          65_536,
          64,
          1_048_576,
          "Largest body of a report in bytes of UTF-8.");

  /** Reports in one submission. */
  public static final ConfigKey<Integer> MAX_LIST =
      ConfigKey.integer(
          "plenum.report.max-list", 1_000, 1, 10_000, "Reports that may be submitted together.");

  /** Who may report for others. */
  public static final ConfigKey<List<String>> REPORTERS =
      ConfigKey.list(
          "plenum.report.reporters",
          "",
          "Names of accounts that may report for any source and user, as platform administrators"
              + " may; all others report as themselves.");

  /** Folder of the journal. */
  public static final ConfigKey<String> JOURNAL_DIR =
      ConfigKey.text(
          "plenum.report.journal.dir",
          "",
          "Folder of this node's journal of reports, on any mounted file system (QUE-8); empty for"
              + " 'reports' in plenum.data.dir. One node at a time uses it.");

  /** Whether other nodes can mount the folder. */
  public static final ConfigKey<Boolean> JOURNAL_SHARED =
      ConfigKey.flag(
          "plenum.report.journal.shared",
          false,
          "Whether other hosts mount the journal's file system too: its owner is then watched by a"
              + " lease, beside the lock of the file system.");

  /** Lease on shared storage. */
  public static final ConfigKey<Duration> JOURNAL_LEASE =
      ConfigKey.duration(
          "plenum.report.journal.lease",
          "10s",
          "On shared storage: how long an owner must have been silent before another node takes the"
              + " journal over.");

  /** Pause between attempts to open the queue again. */
  public static final ConfigKey<Duration> REOPEN_PAUSE =
      ConfigKey.duration(
          "plenum.report.journal.reopen-pause",
          "5s",
          "How often a node whose queue has ended, because another node took its journal over or by"
              + " a fault, tries to open it again; at least ten times what an attempt takes.");

  /** Size of a segment. */
  public static final ConfigKey<Integer> SEGMENT_MEGABYTES =
      ConfigKey.integer(
          "plenum.report.journal.segment-megabytes",
          32,
          1,
          1_024,
          "Size of a segment file of the journal. Beside the segments up to three more files wait to be"
              + " used.");

  /** Size of the journal. */
  public static final ConfigKey<Integer> JOURNAL_MEGABYTES =
      ConfigKey.integer(
          "plenum.report.journal.megabytes",
          16_384,
          16,
          16_777_216,
          "What the journal may take on disk; beyond it producers are refused until the consumer"
              + " groups have caught up.");

  /** Whether the oldest reports go. */
  public static final ConfigKey<Boolean> EXPIRE_WHEN_FULL =
      ConfigKey.flag(
          "plenum.report.journal.expire-when-full",
          false,
          "Whether a full journal lets its oldest reports go instead of refusing new ones: then a"
              + " group that does not come loses reports.");

  /** Age of reports in the journal. */
  public static final ConfigKey<Duration> JOURNAL_RETENTION =
      ConfigKey.duration(
          "plenum.report.journal.retention",
          "36500d",
          "How long a report is kept for a consumer group that does not come.");

  /** Count bound of the first buffer. */
  public static final ConfigKey<Integer> FIRST_COUNT =
      ConfigKey.integer(
          "plenum.report.first-buffer.count",
          65_536,
          16,
          4_194_304,
          "Reports that may wait to be durable (QUE-1); beyond it producers are refused with"
              + " REPORT_QUEUE_FULL.");

  /** Weight bound of the first buffer. */
  public static final ConfigKey<Integer> FIRST_MEGABYTES =
      ConfigKey.integer(
          "plenum.report.first-buffer.megabytes", 32, 2, 4_096, "What they may weigh in memory.");

  /** Count bound of the second buffers. */
  public static final ConfigKey<Integer> SECOND_COUNT =
      ConfigKey.integer(
          "plenum.report.second-buffer.count",
          65_536,
          16,
          4_194_304,
          "Reports in each of the two second buffers of a consumer group (QUE-3).");

  /** Weight bound of the second buffers. */
  public static final ConfigKey<Integer> SECOND_MEGABYTES =
      ConfigKey.integer(
          "plenum.report.second-buffer.megabytes", 16, 1, 4_096, "What they may weigh in memory.");

  /** Reports in one write. */
  public static final ConfigKey<Integer> BATCH =
      ConfigKey.integer(
          "plenum.report.batch", 4_096, 1, 65_536, "Reports in one write to the journal.");

  /** Consumer groups. */
  public static final ConfigKey<Integer> MAX_GROUPS =
      ConfigKey.integer("plenum.report.max-groups", 32, 1, 1_000, "Consumer groups of a node.");

  /** Unacknowledged reports of a group. */
  public static final ConfigKey<Integer> MAX_IN_FLIGHT =
      ConfigKey.integer(
          "plenum.report.max-in-flight",
          8_192,
          1,
          1_048_576,
          "Reports that a consumer group may have taken and not acknowledged.");

  /** Deliveries of a report. */
  public static final ConfigKey<Integer> MAX_ATTEMPTS =
      ConfigKey.integer(
          "plenum.report.max-attempts",
          5,
          1,
          1_000,
          "Deliveries of a report to a group before it becomes a dead letter of that group.");

  /** Pause before a redelivery. */
  public static final ConfigKey<Duration> REDELIVERY_DELAY =
      ConfigKey.duration(
          "plenum.report.redelivery-delay",
          "200ms",
          "Pause before the first redelivery of a report; doubles with each, up to a hundredfold.");

  /** Bound of dead letters. */
  public static final ConfigKey<Integer> MAX_DEAD_LETTERS =
      ConfigKey.integer(
          "plenum.report.dead-letters.limit",
          10_000,
          1,
          1_000_000,
          "Dead letters of all consumer groups of a node; a group that would make one more waits.");

  /** How often cursors are stored. */
  public static final ConfigKey<Duration> CURSOR_INTERVAL =
      ConfigKey.duration(
          "plenum.report.cursor-interval",
          "50ms",
          "How often acknowledged positions of groups are made durable; what was acknowledged since"
              + " is delivered again after a crash.");

  /** Pause after the storage failed. */
  public static final ConfigKey<Duration> FAILURE_PAUSE =
      ConfigKey.duration(
          "plenum.report.failure-pause",
          "200ms",
          "How long producers are refused at once after the journal could not be written.");

  /** Whether this node processes. */
  public static final ConfigKey<Boolean> PROCESSING =
      ConfigKey.flag(
          "plenum.report.processing.enabled",
          true,
          "Whether this node stores its reports in the database; else they stay in its journal.");

  /** Reports in one transaction. */
  public static final ConfigKey<Integer> PROCESSING_BATCH =
      ConfigKey.integer(
          "plenum.report.processing.batch",
          512,
          1,
          8_192,
          "Reports stored in one transaction of the database.");

  /** Pause while the database is away. */
  public static final ConfigKey<Duration> PROCESSING_PAUSE =
      ConfigKey.duration(
          "plenum.report.processing.retry-pause",
          "1s",
          "Pause before a batch is tried again while the database is away.");

  /** Age of stored reports. */
  public static final ConfigKey<Duration> STORED_RETENTION =
      ConfigKey.duration(
          "plenum.report.stored.retention",
          "30d",
          "How long stored reports and delivery confirmations are kept. A report that comes again"
              + " after that counts again.");

  /** Number of stored reports. */
  public static final ConfigKey<Integer> STORED_LIMIT =
      ConfigKey.integer(
          "plenum.report.stored.limit",
          100_000_000,
          1_000,
          2_000_000_000,
          "Stored reports that are kept; the oldest go first.");

  /** Age of summaries. */
  public static final ConfigKey<Duration> SUMMARY_RETENTION =
      ConfigKey.duration(
          "plenum.report.summary.retention", "400d", "How long the sums of an hour are kept.");

  /** Validity of a state. */
  public static final ConfigKey<Duration> STATE_HOLDS =
      ConfigKey.duration(
          "plenum.report.state.holds",
          "2m",
          "How long a confirmed state holds when its report does not say.");

  /** Bound of the validity. */
  public static final ConfigKey<Duration> STATE_HOLDS_AT_MOST =
      ConfigKey.duration(
          "plenum.report.state.holds-at-most", "24h", "How long a report may make a state hold.");

  /** Groups of external processing servers. */
  public static final ConfigKey<List<String>> STREAM_GROUPS =
      ConfigKey.list(
          "plenum.report.stream.groups",
          "",
          "Names of the consumer groups that external processing servers may take over the"
              + " WebSocket; from its first start with a name this node keeps reports for it.");

  /** Who may take the stream. */
  public static final ConfigKey<List<String>> STREAM_ACCOUNTS =
      ConfigKey.list(
          "plenum.report.stream.accounts",
          "",
          "Names of accounts that may take these streams, beside platform administrators.");

  /** Credit of a stream. */
  public static final ConfigKey<Integer> STREAM_CREDIT =
      ConfigKey.integer(
          "plenum.report.stream.credit",
          4_096,
          1,
          65_536,
          "Reports that a processing server may have got and not acknowledged, whatever credit it"
              + " asks for.");

  /** Time-out of a silent stream. */
  public static final ConfigKey<Duration> STREAM_SILENCE =
      ConfigKey.duration(
          "plenum.report.stream.silence",
          "60s",
          "After how long without any frame of its peer a stream is closed; it pings at a third of"
              + " that.");

  /** Reports that are fetched ahead. */
  public static final ConfigKey<Integer> STREAM_AHEAD =
      ConfigKey.integer(
          "plenum.report.stream.ahead",
          512,
          1,
          65_536,
          "Reports that a stream of all queues fetches from each other node before its processing"
              + " server has given credit for them; 1 MiB of them at most, and one batch.");

  /** How long a stream is the newest. */
  public static final ConfigKey<Duration> STREAM_TAKING =
      ConfigKey.duration(
          "plenum.report.stream.taking",
          "10s",
          "For how long after its start a stream of all queues takes the queues of other nodes from"
              + " older streams; after that it takes only those that no other stream has.");

  /** Time-out of a connection to another node. */
  public static final ConfigKey<Duration> STREAM_CONNECT =
      ConfigKey.duration(
          "plenum.report.stream.connect",
          "5s",
          "How long a stream waits for a connection to another node's queue.");

  /** Pause between connections. */
  public static final ConfigKey<Duration> STREAM_RETRY =
      ConfigKey.duration(
          "plenum.report.stream.retry-pause",
          "10s",
          "Longest pause between two attempts to reach another node's queue; the first is 250 ms at"
              + " most, and each is twice the one before.");

  /** Whether reports are published. */
  public static final ConfigKey<Boolean> TOPIC =
      ConfigKey.flag(
          "plenum.report.topic.enabled",
          false,
          "Whether reports are published on jms/plenum/ReportTopic for durable subscriptions; while"
              + " the broker is away they are kept.");

  /** Reports in one transaction of the broker. */
  public static final ConfigKey<Integer> TOPIC_BATCH =
      ConfigKey.integer(
          "plenum.report.topic.batch",
          100,
          1,
          1_000,
          "Reports published in one transaction; no more than the broker's"
              + " imq.transaction.producer.maxNumMsgs, by default 1000.");

  /** Every key. */
  public static final List<ConfigKey<?>> KEYS =
      List.of(
          ENABLED,
          MAX_BYTES,
          MAX_LIST,
          REPORTERS,
          JOURNAL_DIR,
          JOURNAL_SHARED,
          JOURNAL_LEASE,
          REOPEN_PAUSE,
          SEGMENT_MEGABYTES,
          JOURNAL_MEGABYTES,
          EXPIRE_WHEN_FULL,
          JOURNAL_RETENTION,
          FIRST_COUNT,
          FIRST_MEGABYTES,
          SECOND_COUNT,
          SECOND_MEGABYTES,
          BATCH,
          MAX_GROUPS,
          MAX_IN_FLIGHT,
          MAX_ATTEMPTS,
          REDELIVERY_DELAY,
          MAX_DEAD_LETTERS,
          CURSOR_INTERVAL,
          FAILURE_PAUSE,
          PROCESSING,
          PROCESSING_BATCH,
          PROCESSING_PAUSE,
          STORED_RETENTION,
          STORED_LIMIT,
          SUMMARY_RETENTION,
          STATE_HOLDS,
          STATE_HOLDS_AT_MOST,
          STREAM_GROUPS,
          STREAM_ACCOUNTS,
          STREAM_CREDIT,
          STREAM_SILENCE,
          STREAM_AHEAD,
          STREAM_TAKING,
          STREAM_CONNECT,
          STREAM_RETRY,
          TOPIC,
          TOPIC_BATCH);

  /** The group whose effects are in the database. */
  static final String PROCESSING_GROUP = "processing";

  /** The group whose reports are published on the topic. */
  static final String TOPIC_GROUP = "topic";

  private static final long MEGABYTE = 1L << 20;

  private ReportConfig() {}

  /** The folder of the journal; it may not exist yet. */
  public static Path folder(Config config) {
    String configured = JOURNAL_DIR.from(config).strip();
    return configured.isEmpty() ? DataFolder.of(config).resolve("reports") : Path.of(configured);
  }

  /**
   * The consumer groups for which reports are kept.
   *
   * @throws ServiceException INVALID_VALUE when a group of processing servers has the name of one
   *     that this node consumes itself
   */
  public static Set<String> groups(Config config) {
    for (String own : List.of(PROCESSING_GROUP, TOPIC_GROUP)) {
      if (STREAM_GROUPS.from(config).contains(own)) {
        throw new ServiceException(
            ErrorCode.INVALID_VALUE,
            STREAM_GROUPS.name() + " contains " + own + ", a group that Plenum consumes itself");
      }
    }
    Set<String> groups = new LinkedHashSet<>();
    groups.add(PROCESSING_GROUP);
    if (TOPIC.from(config)) {
      groups.add(TOPIC_GROUP);
    }
    groups.addAll(STREAM_GROUPS.from(config));
    return groups;
  }

  /** The bounds of the queue. */
  public static QueueOptions queue(Config config) {
    QueueOptions standard = QueueOptions.defaults();
    return new QueueOptions(
        FIRST_COUNT.from(config),
        FIRST_MEGABYTES.from(config) * MEGABYTE,
        SECOND_COUNT.from(config),
        SECOND_MEGABYTES.from(config) * MEGABYTE,
        BATCH.from(config),
        standard.batchBytes(),
        standard.linger(),
        MAX_GROUPS.from(config),
        MAX_IN_FLIGHT.from(config),
        MAX_ATTEMPTS.from(config),
        REDELIVERY_DELAY.from(config),
        MAX_DEAD_LETTERS.from(config),
        CURSOR_INTERVAL.from(config),
        JOURNAL_RETENTION.from(config),
        JOURNAL_MEGABYTES.from(config) * MEGABYTE,
        EXPIRE_WHEN_FULL.from(config),
        FAILURE_PAUSE.from(config));
  }

  /** The settings of the journal. */
  public static JournalOptions journal(Config config) {
    return new JournalOptions(
        NodeConfig.from(config).name(),
        (int) (SEGMENT_MEGABYTES.from(config) * MEGABYTE),
        JOURNAL_SHARED.from(config) ? JOURNAL_LEASE.from(config) : Duration.ZERO);
  }
}
