package org.plenum.report;

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
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.logging.Logger;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ApplicationStops;
import org.plenum.platform.ServiceException;
import org.plenum.platform.config.KnownConfig;
import org.plenum.platform.metrics.Meters;
import org.plenum.report.queue.ReportConsumer;

/**
 * The queue of this node and the processing of what is in it (QUE-9). A shell: it opens and closes
 * the queue and what drains it into the database and, where that is configured, onto the topic. A
 * journal that cannot be trusted, or that somebody else has in use, refuses the deployment with the
 * reason.
 */
@Singleton
@Startup
@DependsOn("SchemaMigration")
@Lock(LockType.READ)
@TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
public class ReportQueueBean {
  private static final Logger LOG = Logger.getLogger(ReportQueueBean.class.getName());
  private static final Duration STOP = Duration.ofSeconds(45);
  private static final Duration AFTER_INTERRUPT = Duration.ofSeconds(15);

  @Resource(lookup = "java:comp/DefaultManagedThreadFactory")
  private ManagedThreadFactory threads;

  @EJB private JmsReportTopic topic;
  @Inject private LocalReports local;
  @Inject private JdbcReportStore store;
  @Inject private Meters meters;

  private @Nullable QueueKeeper keeper;
  private @Nullable Thread keeping;

  @PostConstruct
  void start() {
    Config config = KnownConfig.get();
    if (!ReportConfig.ENABLED.from(config)) {
      LOG.info("this node takes no reports");
      return;
    }
    RunningQueue first;
    try {
      first = open(config);
    } catch (ServiceException e) {
      LOG.severe("Plenum cannot start: " + e.detail());
      throw e;
    }
    QueueKeeper made =
        new QueueKeeper(first, () -> open(config), ReportConfig.REOPEN_PAUSE.from(config));
    Thread thread = threads.newThread(made);
    thread.setName("plenum-report-queue-keeper");
    thread.start();
    keeper = made;
    keeping = thread;
  }

  private RunningQueue open(Config config) {
    Clock clock = Clock.systemUTC();
    RunningQueue opened = RunningQueue.open(config, clock);
    boolean complete = false;
    try {
      ReportMeters.register(meters, opened.opened().queue());
      local.attach(opened.opened());
      if (ReportConfig.PROCESSING.from(config)) {
        opened.drain(
            ReportConfig.PROCESSING_GROUP,
            consumers -> processing(consumers, config, clock),
            threads);
      }
      if (ReportConfig.TOPIC.from(config)) {
        opened.drain(ReportConfig.TOPIC_GROUP, consumers -> publishing(consumers, config), threads);
      }
      complete = true;
      return opened;
    } finally {
      if (!complete) {
        opened.close();
      }
    }
  }

  private ReportProcessor processing(
      Supplier<ReportConsumer> consumers, Config config, Clock clock) {
    return new ReportProcessor(
        consumers,
        store::apply,
        new ReportRetention(
            store,
            clock,
            System::nanoTime,
            ReportConfig.STORED_RETENTION.from(config),
            ReportConfig.STORED_LIMIT.from(config),
            ReportConfig.SUMMARY_RETENTION.from(config)),
        ReportConfig.PROCESSING_BATCH.from(config),
        ReportConfig.PROCESSING_PAUSE.from(config),
        ReportConfig.PROCESSING_GROUP,
        meters);
  }

  private ReportProcessor publishing(Supplier<ReportConsumer> consumers, Config config) {
    return new ReportProcessor(
        consumers,
        batch -> {
          topic.publish(batch);
          return batch.size();
        },
        () -> {},
        ReportConfig.TOPIC_BATCH.from(config),
        ReportConfig.PROCESSING_PAUSE.from(config),
        ReportConfig.TOPIC_GROUP,
        meters);
  }

  /** Ends as {@link #stop()} does, when the server stops. */
  public void applicationStops(
      @Observes @Priority(ApplicationStops.QUEUES) ApplicationStops event) {
    stop();
  }

  @PreDestroy
  void stop() {
    QueueKeeper made = keeper;
    Thread thread = keeping;
    if (made == null || thread == null) {
      return;
    }
    keeper = null;
    local.attach(null);
    made.stop();
    try {
      if (!thread.join(STOP)) {
        thread.interrupt(); // it may wait for the lease of another node
        if (!thread.join(AFTER_INTERRUPT)) {
          LOG.warning("the queue of reports does not end");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
