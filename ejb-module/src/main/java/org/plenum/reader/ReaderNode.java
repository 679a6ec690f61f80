package org.plenum.reader;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.cache.CacheManager;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.NodeConfig;
import org.plenum.platform.NodeRole;
import org.plenum.platform.WorkerPool;
import org.plenum.platform.config.KnownConfig;
import org.plenum.platform.metrics.Meters;
import org.plenum.reader.api.ConsistencyReport;
import org.plenum.reader.api.ConsistencyService;
import org.plenum.update.UpdateLog;
import org.plenum.update.UpdateStream;

/**
 * The reader of this node: makes its parts, loads the snapshot before anything is served (GRP-6),
 * runs its threads. Without a data grid the near cache and the database serve alone.
 */
@ApplicationScoped
public class ReaderNode implements ConsistencyService {
  private static final Logger LOG = Logger.getLogger(ReaderNode.class.getName());
  private static final Duration JOIN = Duration.ofSeconds(5);

  /** For the last turn of the applier and the last snapshot. */
  private static final Duration CLOSING = Duration.ofSeconds(20);

  private static final int ROOM_THREADS = 8;
  private static final int ROOM_WAITING = 256;

  @Inject private UpdateStream stream;
  @Inject private UpdateLog log;
  @Inject private Meters meters;

  @Resource(lookup = "jdbc/plenum")
  private DataSource dataSource;

  @Resource(lookup = "java:comp/DefaultManagedThreadFactory")
  private ManagedThreadFactory threads;

  private final CountDownLatch stop = new CountDownLatch(1);
  private @Nullable Reader reader;
  private @Nullable WorkerPool roomThreads;
  private @Nullable Thread applierThread;
  private @Nullable Thread snapshotThread;

  @PostConstruct
  void start() {
    ReaderConfig config = ReaderConfig.from(KnownConfig.get());
    Reader started =
        Reader.start(
            config,
            new JdbcReaderStore(dataSource, config.queryTimeout()),
            room(config),
            calls(config),
            log,
            lease(),
            stream,
            folder(config),
            Clock.systemUTC(),
            meters);
    reader = started;
    Applier applier = started.applier();
    Snapshots snapshots = started.snapshots();
    boolean keeps = NodeConfig.from(KnownConfig.get()).is(NodeRole.READER);
    if (applier != null && snapshots != null && keeps) {
      Thread loop =
          run("plenum-reader-snapshot", () -> snapshotLoop(snapshots, config.snapshotInterval()));
      snapshotThread = loop;
      applierThread = run("plenum-reader-applier", () -> apply(applier, snapshots, loop));
      awaitFirstTurn(applier, config.startLimit());
    }
  }

  /** The holder of the lease fills the cache before anything is served (GRP-6), if it can. */
  private static void awaitFirstTurn(Applier applier, Duration limit) {
    try {
      if (!applier.begun(limit)) {
        LOG.warning(
            () ->
                "the cache of the room is not filled after "
                    + limit.toSeconds()
                    + " s: this node serves without it until it is");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The applier's thread: what may wait for the data grid happens here, to the end. */
  private static void apply(Applier applier, Snapshots snapshots, Thread snapshotThread) {
    applier.run();
    try {
      if (snapshotThread.join(JOIN)) {
        // An orderly stop leaves a snapshot of the last state.
        applier.tick();
        snapshots.write();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    applier.release();
  }

  private RoomCalls calls(ReaderConfig config) {
    if (!clustered()) {
      // The grid is in this process.
      return RoomCalls.DIRECT;
    }
    WorkerPool pool = new WorkerPool("reader-room", ROOM_THREADS, ROOM_WAITING, threads, meters);
    roomThreads = pool;
    return new RoomCalls(pool, config.gridLimit(), config.gridRest(), System::nanoTime);
  }

  private static boolean clustered() {
    return NodeConfig.from(KnownConfig.get()).clustered();
  }

  private ApplierLease lease() {
    NodeConfig node = NodeConfig.from(KnownConfig.get());
    if (!node.is(NodeRole.READER)) {
      return ApplierLease.NEVER;
    }
    String holder = node.name() + "/" + UUID.randomUUID();
    return node.clustered()
        ? JdbcApplierLease.shared(dataSource, holder, System::nanoTime)
        : JdbcApplierLease.alone(dataSource, holder, System::nanoTime);
  }

  private Thread run(String name, Runnable task) {
    Thread thread = threads.newThread(task);
    thread.setName(name);
    thread.start();
    return thread;
  }

  private void snapshotLoop(Snapshots snapshots, Duration interval) {
    try {
      while (!stop.await(interval.toMillis(), TimeUnit.MILLISECONDS)) {
        snapshotOnce(snapshots);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What fails even while a fault is noted must not end the thread. */
  private static void snapshotOnce(Snapshots snapshots) {
    try {
      snapshots.write();
    } catch (RuntimeException | Error e) {
      LOG.log(Level.SEVERE, "the thread of snapshots met a fault and goes on", e);
    }
  }

  @PreDestroy
  void stop() {
    stop.countDown();
    try {
      stopApplier();
    } finally {
      if (roomThreads != null) {
        roomThreads.close();
      }
    }
  }

  private void stopApplier() {
    Applier applier = reader == null ? null : reader.applier();
    if (applier == null || applierThread == null || snapshotThread == null) {
      return;
    }
    applier.stop();
    try {
      if (!applierThread.join(CLOSING)) {
        LOG.warning("the data grid does not answer: the applier ends without a last snapshot");
        applier.abandon();
        applierThread.interrupt();
        snapshotThread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The reads. */
  public GroupQueries queries() {
    return reader().queries();
  }

  /** The state of the reader, for health and metrics. */
  public ReaderStatus status() {
    return reader().status(stream.appliedRevision());
  }

  /** Whether the threads of the cache of the room work, where there are any. */
  public boolean alive() {
    return (applierThread == null || applierThread.isAlive())
        && (snapshotThread == null || snapshotThread.isAlive());
  }

  @Override
  public ConsistencyReport consistency(int sample, Duration limit) {
    return reader().consistency(sample, limit);
  }

  private Reader reader() {
    if (reader == null) {
      throw new IllegalStateException("the reader is not started");
    }
    return reader;
  }

  private static Path folder(ReaderConfig config) {
    if (!config.snapshotFolder().isBlank()) {
      return Path.of(config.snapshotFolder());
    }
    String root =
        System.getProperty("com.sun.aas.instanceRoot", System.getProperty("java.io.tmpdir", "."));
    return Path.of(root, "plenum", "reader");
  }

  private static @Nullable RoomStore room(ReaderConfig config) {
    CacheManager caching = config.dataGrid() ? DataGrid.caching() : null;
    if (caching == null) {
      LOG.info("the data grid is not used: the near cache and the database serve alone");
      return null;
    }
    if (clustered()) {
      return ReaderCache.later(caching, config.entriesPerCache());
    }
    try {
      return ReaderCache.opened(caching, config.entriesPerCache());
    } catch (RuntimeException | LinkageError e) {
      LOG.log(Level.WARNING, "no cache of the room: the near cache and the database serve", e);
      return null;
    }
  }
}
