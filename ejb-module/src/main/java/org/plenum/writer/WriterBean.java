package org.plenum.writer;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Priority;
import jakarta.annotation.Resource;
import jakarta.ejb.DependsOn;
import jakarta.ejb.EJB;
import jakarta.ejb.Lock;
import jakarta.ejb.LockType;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;
import org.plenum.group.GroupConfig;
import org.plenum.group.api.CommandAnswer.Accepted;
import org.plenum.group.domain.GroupDecider;
import org.plenum.platform.ApplicationStops;
import org.plenum.platform.CorrelationId;
import org.plenum.platform.NodeConfig;
import org.plenum.platform.NodeRole;
import org.plenum.platform.config.KnownConfig;
import org.plenum.platform.metrics.Meters;
import org.plenum.update.EntryCodec;
import org.plenum.update.UpdateInbox;
import org.plenum.update.UpdatePublisher;
import org.plenum.writer.WriterCore.Answered;
import org.plenum.writer.WriterCore.Committed;

/**
 * The singleton writer of this node (GRP-3, decision 2): on every node with the role, active on the
 * lease holder. A shell: it owns the threads and hands committed batches to the update stream, to
 * the topic and to the callers, in this order.
 */
@Singleton
@Startup
@DependsOn("SchemaMigration")
@Lock(LockType.READ)
@TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
public class WriterBean {
  private static final Logger LOG = Logger.getLogger(WriterBean.class.getName());
  private static final int AFTER_COMMIT_BATCHES = 64;
  private static final long EXPIRY_MILLIS = 250;
  private static final Duration STOP = Duration.ofSeconds(10);

  @Resource(lookup = "jdbc/plenum")
  private DataSource dataSource;

  @Resource(lookup = "java:comp/DefaultManagedThreadFactory")
  private ManagedThreadFactory threads;

  @EJB private WriterTransactionBean transactions;
  @Inject private LocalWriter gateway;
  @Inject private WriterRoute route;
  @Inject private UpdateInbox inbox;
  @Inject private Instance<UpdatePublisher> publishers;
  @Inject private Meters meters;

  private final BlockingQueue<Committed> committed = new ArrayBlockingQueue<>(AFTER_COMMIT_BATCHES);
  private @Nullable WriterLoop loop;
  private @Nullable Thread writer;
  private @Nullable Thread answers;
  private @Nullable ReplicaBarrier replica;
  private @Nullable Thread confirming;

  /** Of its own: the server's timer has one thread, and commands must not wait for who holds it. */
  private @Nullable Thread expiry;

  private final CountDownLatch stopped = new CountDownLatch(1);

  @PostConstruct
  void start() {
    Config config = KnownConfig.get();
    NodeConfig node = NodeConfig.from(config);
    if (!node.is(NodeRole.WRITER)) {
      LOG.info("this node has no writer role");
      return;
    }
    WriterConfig bounds = WriterConfig.from(config);
    Clock clock = Clock.systemUTC();
    EntryCodec codec = new EntryCodec();
    JdbcGroupStore store =
        new JdbcGroupStore(
            dataSource,
            new ContainerTransactions(transactions::inNew, new LocalTransactions(dataSource)),
            codec);
    WriterCore core =
        new WriterCore(
            store, new GroupDecider(GroupConfig.from(config).limits()), codec, clock, bounds);
    ReplicaBarrier barrier =
        new ReplicaBarrier(
            new JdbcReplica(dataSource),
            bounds.queue(),
            bounds.replicaLimit(),
            System::nanoTime,
            meters);
    core.refuseReplicaBy(barrier::refusal);
    replica = barrier;
    WriterLoop started =
        new WriterLoop(
            store,
            core,
            bounds,
            clock,
            node.name() + "/" + UUID.randomUUID(),
            node.url(),
            RetentionConfig.every(config),
            RetentionConfig.log(config),
            meters,
            this::handOver);
    if (node.clustered()) {
      started.giveBackTo(route::adopt);
    }
    // Made now and not at the first commit, when what they read for that may not answer (ADR 0057).
    publishers.forEach(publisher -> publisher.publish(List.of()));
    loop = started;
    answers = thread("plenum-writer-answers", this::answerLoop);
    confirming = thread("plenum-writer-replica", barrier::run);
    writer = thread("plenum-writer", started::run);
    gateway.attach(started);
    expiry = thread("plenum-writer-expiry", () -> expireLoop(started, barrier, clock));
  }

  private Thread thread(String name, Runnable work) {
    Thread thread = threads.newThread(work);
    thread.setName(name);
    thread.start();
    return thread;
  }

  private void expireLoop(WriterLoop started, ReplicaBarrier barrier, Clock clock) {
    try {
      while (!stopped.await(EXPIRY_MILLIS, TimeUnit.MILLISECONDS)) {
        try {
          started.expire();
          barrier.expire(clock.instant());
        } catch (RuntimeException | Error e) {
          LOG.log(Level.SEVERE, "commands that are late could not be answered", e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits when the answering side is far behind: nothing committed is dropped. */
  private void handOver(Committed batch) {
    try {
      while (!committed.offer(batch, 1, TimeUnit.SECONDS)) {
        LOG.warning("answers are " + AFTER_COMMIT_BATCHES + " batches behind the writer");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      tell(batch);
    }
  }

  private void answerLoop() {
    while (true) {
      try {
        tell(committed.take());
      } catch (InterruptedException e) {
        for (Committed left = committed.poll(); left != null; left = committed.poll()) {
          tell(left);
        }
        return;
      } catch (RuntimeException | Error e) {
        // Were this thread to end, the writer would wait for it for ever.
        LOG.log(Level.SEVERE, "answering a batch failed", e);
      }
    }
  }

  private void tell(Committed batch) {
    try {
      inbox.offer(batch.updates());
    } catch (RuntimeException | Error e) {
      // Whatever it is, callers get the answers of what is committed.
      LOG.log(Level.SEVERE, "the update stream did not take a batch; it reads the log instead", e);
    }
    try {
      for (UpdatePublisher publisher : publishers) {
        publisher.publish(batch.updates());
      }
    } catch (RuntimeException | Error e) {
      LOG.log(Level.SEVERE, "the topic did not take a batch; peers read the log instead", e);
    }
    ReplicaBarrier barrier = replica;
    for (Answered answered : batch.answers()) {
      if (barrier != null && answered.answer() instanceof Accepted taken && answered.forReplica()) {
        barrier.await(answered.command(), taken);
        continue;
      }
      CorrelationId.during(
          answered.command().envelope().correlation(),
          () -> {
            try {
              answered.command().answer().complete(answered.answer());
            } catch (RuntimeException | Error e) {
              LOG.log(Level.SEVERE, "a caller failed on its answer", e);
            }
          });
    }
  }

  /** Ends as {@link #stop()} does, when the server stops. */
  public void applicationStops(
      @Observes @Priority(ApplicationStops.WRITER) ApplicationStops event) {
    stop();
  }

  @PreDestroy
  void stop() {
    if (loop == null || writer == null || answers == null || expiry == null) {
      return;
    }
    loop.stop();
    try {
      if (!writer.join(STOP)) {
        LOG.warning("the writer did not end in " + STOP + " and is interrupted");
        writer.interrupt();
        writer.join(STOP);
      }
      stopped.countDown();
      expiry.join(STOP);
      answers.interrupt();
      answers.join(STOP);
      if (replica != null && confirming != null) {
        replica.stop();
        if (!confirming.join(STOP)) {
          LOG.warning("the replica was waited for longer than " + STOP);
          replica.abandon();
        }
      }
      if (!route.settle(STOP)) {
        LOG.severe(
            "acknowledged MEMORY writes are lost: no writer took them within "
                + STOP
                + " after this one");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
