package org.plenum.reader;

import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.config.Config;
import org.plenum.platform.config.ConfigKey;

/**
 * Configuration of the reader.
 *
 * @param nearCacheBytes heap of the near cache
 * @param recentUpdates updates kept to bring a loaded value up to date
 * @param recentBytes heap of those updates
 * @param positionWait how long a read waits for a position before it reads the database
 * @param queryTimeout limit of one database query; whole seconds
 * @param dataGrid whether the room's cache is used
 * @param gridLimit how long a read waits for the room's cache before it asks the database
 * @param gridRest how long the room's cache is left alone after that
 * @param startLimit how long a node's start waits until the room's cache is filled
 * @param entriesPerCache bound of each JCache cache
 * @param valueBytes larger values stay out of the JCache
 * @param flushInterval time between two writes to the JCache
 * @param applierQueue batches that wait for the applier
 * @param snapshotFolder where snapshots are kept; empty for the server's own folder
 * @param snapshotInterval time between snapshots
 * @param catchUpLimit a snapshot further behind than this is not used
 */
public record ReaderConfig(
    long nearCacheBytes,
    int recentUpdates,
    long recentBytes,
    Duration positionWait,
    Duration queryTimeout,
    boolean dataGrid,
    Duration gridLimit,
    Duration gridRest,
    Duration startLimit,
    int entriesPerCache,
    int valueBytes,
    Duration flushInterval,
    int applierQueue,
    String snapshotFolder,
    Duration snapshotInterval,
    int catchUpLimit) {
  private static final long MEBIBYTE = 1L << 20;

  /** Heap of the near cache. */
  public static final ConfigKey<Integer> NEAR_CACHE =
      ConfigKey.integer(
          "plenum.reader.near-cache-mebibytes",
          128,
          1,
          65_536,
          "Heap of the near cache of a node, in MiB.");

  /** Updates kept. */
  public static final ConfigKey<Integer> RECENT_UPDATES =
      ConfigKey.integer(
          "plenum.reader.recent-updates",
          16_384,
          16,
          1_000_000,
          "Last updates kept in memory, to bring a value just loaded up to date.");

  /** Heap of the updates kept. */
  public static final ConfigKey<Integer> RECENT_MEBIBYTES =
      ConfigKey.integer(
          "plenum.reader.recent-mebibytes",
          16,
          1,
          4_096,
          "Heap of the last updates kept in memory, in MiB; the older ones go first.");

  /** Wait for a position. */
  public static final ConfigKey<Duration> WAIT =
      ConfigKey.duration(
          "plenum.reader.position-wait",
          "200ms",
          "How long a read waits for the position it carries before it reads the database.");

  /** Limit of a query. */
  public static final ConfigKey<Duration> QUERY_TIMEOUT =
      ConfigKey.duration(
          "plenum.reader.query-timeout",
          "5s",
          "Limit of one database query of the reader on PostgreSQL; whole seconds, at least one. On"
              + " H2 it is QUERY_TIMEOUT in the URL of the database.");

  /** Use of the data grid. */
  public static final ConfigKey<Boolean> DATA_GRID =
      ConfigKey.flag(
          "plenum.reader.data-grid",
          true,
          "Whether the cache of the room (JCache on the data grid) is used; without it the near"
              + " cache and the database serve alone.");

  /** Wait for the data grid. */
  public static final ConfigKey<Duration> GRID_LIMIT =
      ConfigKey.duration(
          "plenum.reader.grid-limit",
          "250ms",
          "How long a read waits for the cache of the room, in a cluster, before it asks the"
              + " database: a frozen member of the data grid answers nothing for a minute or more.");

  /** Rest of the data grid. */
  public static final ConfigKey<Duration> GRID_REST =
      ConfigKey.duration(
          "plenum.reader.grid-rest",
          "5s",
          "How long reads leave the cache of the room alone after it did not answer one.");

  /** Wait for the data grid at the start. */
  public static final ConfigKey<Duration> START_LIMIT =
      ConfigKey.duration(
          "plenum.reader.start-limit",
          "20s",
          "How long the start of a node of a cluster waits until the cache of the room is filled; then the"
              + " node serves without it, and the filling goes on.");

  /** Bound of each cache. */
  public static final ConfigKey<Integer> ENTRIES_PER_CACHE =
      ConfigKey.integer(
          "plenum.reader.cache-entries",
          8_192,
          271,
          10_000_000,
          "Entries of each cache of the room on one member; the least recently used go first.");

  /** Bound of a value. */
  public static final ConfigKey<Integer> VALUE_BYTES =
      ConfigKey.integer(
          "plenum.reader.cache-value-bytes",
          262_144,
          1_024,
          16_777_216,
          "Values with more bytes than this are not kept in the cache of the room.");

  /** Time between flushes. */
  public static final ConfigKey<Duration> FLUSH_INTERVAL =
      ConfigKey.duration(
          "plenum.reader.flush-interval",
          "1s",
          "Time between two writes of the changed values to the cache of the room; sooner when a"
              + " quarter of plenum.reader.applier-queue or 2,000 updates wait.");

  /** Bound of the applier's queue. */
  public static final ConfigKey<Integer> APPLIER_QUEUE =
      ConfigKey.integer(
          "plenum.reader.applier-queue",
          1_024,
          1,
          65_536,
          "Batches of updates that wait for the applier; more are read from the update log.");

  /** Folder of the snapshots. */
  public static final ConfigKey<String> SNAPSHOT_FOLDER =
      ConfigKey.text(
          "plenum.reader.snapshot-folder",
          "",
          "Folder of the reader's snapshots; empty for plenum/reader below the folder of the"
              + " domain or instance.");

  /** Time between snapshots. */
  public static final ConfigKey<Duration> SNAPSHOT_INTERVAL =
      ConfigKey.duration(
          "plenum.reader.snapshot-interval",
          "60s",
          "Time between two snapshots of the cache of the room; none is written when nothing"
              + " changed.");

  /** Limit of catch-up. */
  public static final ConfigKey<Integer> CATCH_UP_LIMIT =
      ConfigKey.integer(
          "plenum.reader.catch-up-limit",
          200_000,
          0,
          100_000_000,
          "A snapshot that is more updates behind than this is not used at start.");

  /** Every key. */
  public static final List<ConfigKey<?>> KEYS =
      List.of(
          NEAR_CACHE,
          RECENT_UPDATES,
          RECENT_MEBIBYTES,
          WAIT,
          QUERY_TIMEOUT,
          DATA_GRID,
          GRID_LIMIT,
          GRID_REST,
          START_LIMIT,
          ENTRIES_PER_CACHE,
          VALUE_BYTES,
          FLUSH_INTERVAL,
          APPLIER_QUEUE,
          SNAPSHOT_FOLDER,
          SNAPSHOT_INTERVAL,
          CATCH_UP_LIMIT);

  /**
   * The configuration in force.
   *
   * @throws org.plenum.platform.ServiceException INVALID_VALUE, naming the key
   */
  public static ReaderConfig from(Config config) {
    return new ReaderConfig(
        NEAR_CACHE.from(config) * MEBIBYTE,
        RECENT_UPDATES.from(config),
        RECENT_MEBIBYTES.from(config) * MEBIBYTE,
        WAIT.from(config),
        QUERY_TIMEOUT.from(config),
        DATA_GRID.from(config),
        GRID_LIMIT.from(config),
        GRID_REST.from(config),
        START_LIMIT.from(config),
        ENTRIES_PER_CACHE.from(config),
        VALUE_BYTES.from(config),
        FLUSH_INTERVAL.from(config),
        APPLIER_QUEUE.from(config),
        SNAPSHOT_FOLDER.from(config),
        SNAPSHOT_INTERVAL.from(config),
        CATCH_UP_LIMIT.from(config));
  }
}
