package org.plenum.cluster;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.jspecify.annotations.Nullable;
import org.plenum.cluster.api.ClusterService;
import org.plenum.cluster.api.ClusterView;
import org.plenum.cluster.api.DatabaseStatus;
import org.plenum.cluster.api.StatusBoard;
import org.plenum.intake.api.DeadLetterService;
import org.plenum.intake.api.DeadLetterStatus;
import org.plenum.platform.NodeConfig;
import org.plenum.platform.ServiceException;
import org.plenum.platform.config.KnownConfig;
import org.plenum.platform.health.ReadinessCheck;
import org.plenum.platform.metrics.MeterReadings;
import org.plenum.platform.metrics.Meters;
import org.plenum.update.UpdateLog;
import org.plenum.update.UpdateStream;
import org.plenum.writer.api.WriterPeers;

/**
 * Tells the other nodes how this one is, and what they tell. A shell: it owns three threads of its
 * own, so that a database or a grid that does not answer holds up nothing but what needs it.
 */
@ApplicationScoped
public class ClusterNodeBean implements ClusterService, WriterPeers {
  private static final Logger LOG = Logger.getLogger(ClusterNodeBean.class.getName());
  private static final int LETTERS_EVERY = 5;
  private static final Duration JOIN = Duration.ofSeconds(5);

  @Inject private MeterReadings meters;
  @Inject private Meters registry;
  @Inject private StatusBoard board;
  @Inject private UpdateLog log;
  @Inject private UpdateStream stream;
  @Inject private DeadLetterService letters;
  @Inject @org.eclipse.microprofile.health.Readiness private ReadinessCheck readiness;

  @Resource(lookup = "jdbc/plenum")
  private DataSource dataSource;

  @Resource(lookup = "java:comp/DefaultManagedThreadFactory")
  private ManagedThreadFactory threads;

  private final CountDownLatch stop = new CountDownLatch(1);
  private @Nullable ClusterMonitor monitor;

  /** Of the looking thread alone. */
  private int looks;

  private @Nullable Long waitingLetters;
  private @Nullable Thread looking;
  private @Nullable Thread sampling;
  private @Nullable Thread telling;

  @PostConstruct
  void start() {
    Config source = KnownConfig.get();
    ClusterConfig config = ClusterConfig.from(source);
    NodeConfig node = NodeConfig.from(source);
    JdbcDatabaseLook database = new JdbcDatabaseLook(dataSource);
    ClusterMonitor started =
        new ClusterMonitor(
            new ClusterMonitor.Self(node.name(), roles(node), node.url()),
            config,
            new NodeSampler(meters, System::nanoTime),
            () -> look(database.get()),
            board,
            System::nanoTime,
            Clock.systemUTC());
    monitor = started;
    ReplicaFigures.register(registry, started::replication);
    looking = run("plenum-cluster-look", started::look, config.interval());
    sampling = run("plenum-cluster-sample", started::sample, config.interval());
    telling = run("plenum-cluster-status", started::exchange, config.interval());
  }

  private static List<String> roles(NodeConfig node) {
    return node.roles().stream()
        .map(role -> role.name().toLowerCase(Locale.ROOT))
        .sorted()
        .toList();
  }

  private Look look(DatabaseStatus database) {
    Long head = head(database);
    Long behind = head == null ? null : (Long) Math.max(0, head - stream.appliedRevision());
    HealthCheckResponse answer = readiness.call();
    Readiness ready =
        Readiness.of(
            answer.getStatus() == HealthCheckResponse.Status.UP, answer.getData().orElse(Map.of()));
    return new Look(
        System.nanoTime(),
        database,
        head,
        behind,
        ready.ready(),
        ready.reasons(),
        letters(database));
  }

  private @Nullable Long head(DatabaseStatus database) {
    try {
      return database.reachable() ? log.lastRevision() : null;
    } catch (ServiceException e) {
      LOG.log(Level.FINE, "the update log is away", e);
      return null;
    }
  }

  /** Counted by every fifth look: nobody deals with them by the second. */
  private @Nullable Long letters(DatabaseStatus database) {
    if (looks++ % LETTERS_EVERY == 0 || waitingLetters == null) {
      try {
        waitingLetters =
            database.reachable()
                ? letters.counts().getOrDefault(DeadLetterStatus.WAITING, 0L)
                : null;
      } catch (ServiceException e) {
        LOG.log(Level.FINE, "dead letters cannot be counted", e);
        waitingLetters = null;
      }
    }
    return waitingLetters;
  }

  private Thread run(String name, Runnable turn, Duration interval) {
    Thread thread =
        threads.newThread(
            () -> {
              try {
                while (!stop.await(interval.toMillis(), TimeUnit.MILLISECONDS)) {
                  turn.run();
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    thread.setName(name);
    thread.start();
    return thread;
  }

  @PreDestroy
  void stop() {
    stop.countDown();
    try {
      for (Thread thread : new @Nullable Thread[] {looking, sampling, telling}) {
        if (thread != null && !thread.join(JOIN)) {
          thread.interrupt();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public ClusterView view() {
    if (monitor == null) {
      throw new IllegalStateException("the cluster monitor is not started");
    }
    return monitor.view();
  }

  /** How the database is replicated; nothing before the first look, or when the last one is old. */
  public DatabaseStatus.Replication replication() {
    ClusterMonitor started = monitor;
    return started == null ? DatabaseStatus.Replication.NONE : started.replication();
  }

  @Override
  public List<String> urls() {
    ClusterMonitor started = monitor;
    return started == null ? List.of() : started.writers();
  }
}
