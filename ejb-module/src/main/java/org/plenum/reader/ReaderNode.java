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
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.NodeConfig;
import org.plenum.platform.NodeRole;
import org.plenum.platform.WorkerPool;
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
    ReaderConfig config = ReaderConfig.from(ConfigProvider.getConfig());
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
    boolean keeps = NodeConfig.from(ConfigProvider.getConfig()).is(NodeRole.READER);
    if (applier != null && snapshots != null && keeps) {
      applierThread = run("plenum-reader-applier", applier::run);
      snapshotThread =
          run("plenum-reader-snapshot", () -> snapshotLoop(snapshots, config.snapshotInterval()));
    }
  }

  private RoomCalls calls(ReaderConfig config) {
    if (!NodeConfig.from(ConfigProvider.getConfig()).clustered()) {
      // The grid is in this process.
      return RoomCalls.DIRECT;
    }
    WorkerPool pool = new WorkerPool("reader-room", ROOM_THREADS, ROOM_WAITING, threads, meters);
    roomThreads = pool;
    return new RoomCalls(pool, config.gridLimit(), config.gridRest(), System::nanoTime);
  }

  private ApplierLease lease() {
    NodeConfig node = NodeConfig.from(ConfigProvider.getConfig());
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
        snapshots.write();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @PreDestroy
  void stop() {
    stop.countDown();
    try {
      stopThreads();
    } finally {
      if (roomThreads != null) {
        roomThreads.close();
      }
    }
  }

  private void stopThreads() {
    Reader last = reader;
    if (last != null && last.applier() != null) {
      last.applier().stop();
    }
    try {
      for (Thread thread : new @Nullable Thread[] {applierThread, snapshotThread}) {
        if (thread != null && !thread.join(JOIN)) {
          LOG.warning(() -> thread.getName() + " does not end");
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    if (applierThread != null
        && last != null
        && last.applier() != null
        && last.snapshots() != null) {
      // An orderly stop leaves a snapshot of the last state.
      last.applier().tick();
      last.snapshots().write();
      last.applier().release();
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
    try {
      return new ReaderCache(caching, config.entriesPerCache());
    } catch (RuntimeException | LinkageError e) {
      LOG.log(Level.WARNING, "no cache of the room: the near cache and the database serve", e);
      return null;
    }
  }
}
