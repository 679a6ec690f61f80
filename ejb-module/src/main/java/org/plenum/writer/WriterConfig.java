package org.plenum.writer;

import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.config.Config;
import org.plenum.platform.config.ConfigKey;

/**
 * Bounds and times of the writer.
 *
 * @param queue commands that wait at most
 * @param batch commands in one transaction at most
 * @param linger how long the writer waits for more at most
 * @param lingerFrom size of the last batch from which it waits
 * @param lingerFull size of the last batch from which it waits that long; less in proportion
 * @param halfFrom commands waiting from which the writer does not wait for more; of twice as many
 *     it takes half
 * @param lease how long the lease holds without renewal
 * @param renew how often an idle writer renews
 * @param memoryFlush how long MEMORY writes stay unwritten at most
 * @param groupCache groups whose state is kept in memory
 * @param memberCache memberships kept in memory
 * @param recentIds client ids remembered without asking the database
 * @param retryPause pause between tries while the database is away
 * @param replicaLimit how long a write of durability REPLICA waits for the replica at most
 */
public record WriterConfig(
    int queue,
    int batch,
    Duration linger,
    int lingerFrom,
    int lingerFull,
    int halfFrom,
    Duration lease,
    Duration renew,
    Duration memoryFlush,
    int groupCache,
    int memberCache,
    int recentIds,
    Duration retryPause,
    Duration replicaLimit) {

  private static final ConfigKey<Integer> QUEUE =
      ConfigKey.integer(
          "plenum.writer.queue",
          10_000,
          100,
          1_000_000,
          "Commands that wait for the writer at most; more are answered WRITER_BUSY (503).");
  private static final ConfigKey<Integer> BATCH =
      ConfigKey.integer(
          "plenum.writer.batch", 512, 1, 5_000, "Commands committed in one transaction at most.");
  private static final ConfigKey<Duration> LINGER =
      ConfigKey.duration(
          "plenum.writer.linger",
          "10ms",
          "How long the writer waits for more commands under load at most; an idle writer never waits.");
  private static final ConfigKey<Integer> LINGER_FROM =
      ConfigKey.integer(
          "plenum.writer.linger-from",
          4,
          1,
          5_000,
          "Commands in the last batch from which the writer lingers.");
  private static final ConfigKey<Integer> LINGER_FULL =
      ConfigKey.integer(
          "plenum.writer.linger-full",
          24,
          1,
          5_000,
          "Commands in the last batch from which the writer waits the whole time; for fewer it waits in proportion.");
  private static final ConfigKey<Integer> HALF_FROM =
      ConfigKey.integer(
          "plenum.writer.half-from",
          96,
          1,
          5_000,
          "Waiting commands from which the writer does not linger; of twice as many it takes half:"
              + " while one half is committed, the other is answered, read and sent again.");
  private static final ConfigKey<Integer> LEASE =
      ConfigKey.integer(
          "plenum.writer.lease-seconds",
          3,
          1,
          60,
          "Seconds that the writer's lease holds without renewal, by the clock of the database.");
  private static final ConfigKey<Duration> RENEW =
      ConfigKey.duration("plenum.writer.renew", "1s", "How often an idle writer renews its lease.");
  private static final ConfigKey<Duration> MEMORY_FLUSH =
      ConfigKey.duration(
          "plenum.writer.memory-flush",
          "50ms",
          "How long writes of durability MEMORY may be acknowledged but not committed: the loss window.");
  private static final ConfigKey<Integer> GROUP_CACHE =
      ConfigKey.integer(
          "plenum.writer.group-cache",
          20_000,
          100,
          1_000_000,
          "Groups whose state the writer keeps in memory.");
  private static final ConfigKey<Integer> MEMBER_CACHE =
      ConfigKey.integer(
          "plenum.writer.member-cache",
          200_000,
          1_000,
          5_000_000,
          "Memberships that the writer keeps in memory.");
  private static final ConfigKey<Integer> RECENT_IDS =
      ConfigKey.integer(
          "plenum.writer.recent-ids",
          50_000,
          1_000,
          5_000_000,
          "Client ids that the writer remembers without asking the database.");
  private static final ConfigKey<Duration> RETRY_PAUSE =
      ConfigKey.duration(
          "plenum.writer.retry-pause",
          "250ms",
          "Pause between the writer's tries while the database is away.");

  private static final ConfigKey<Duration> REPLICA_LIMIT =
      ConfigKey.duration(
          "plenum.writer.replica-limit",
          "2s",
          "How long a committed write of durability REPLICA waits for the replica at most, in whole seconds; then it is"
              + " answered TIMEOUT (503), and further ones are refused until the replica confirms again.");

  /** Every key. */
  public static final List<ConfigKey<?>> KEYS =
      List.of(
          QUEUE,
          BATCH,
          LINGER,
          LINGER_FROM,
          LINGER_FULL,
          HALF_FROM,
          LEASE,
          RENEW,
          MEMORY_FLUSH,
          GROUP_CACHE,
          MEMBER_CACHE,
          RECENT_IDS,
          RETRY_PAUSE,
          REPLICA_LIMIT);

  /** The values in force. */
  public static WriterConfig from(Config config) {
    return new WriterConfig(
        QUEUE.from(config),
        BATCH.from(config),
        LINGER.from(config),
        LINGER_FROM.from(config),
        LINGER_FULL.from(config),
        HALF_FROM.from(config),
        Duration.ofSeconds(LEASE.from(config)),
        RENEW.from(config),
        MEMORY_FLUSH.from(config),
        GROUP_CACHE.from(config),
        MEMBER_CACHE.from(config),
        RECENT_IDS.from(config),
        RETRY_PAUSE.from(config),
        REPLICA_LIMIT.from(config));
  }
}
