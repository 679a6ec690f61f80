package org.plenum.report;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
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
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.platform.config.KnownConfig;
import org.plenum.platform.metrics.Meters;
import org.plenum.report.api.ReportEnvelope;
import org.plenum.report.queue.BufferedQueue;
import org.plenum.report.queue.GroupView;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.journal.FileSystemDisk;
import org.plenum.report.queue.journal.JournalStore;

/**
 * The queue of this node and the processing of what is in it (QUE-9). A shell: it opens and closes
 * the queue and owns the threads that drain it into the database and, where that is configured,
 * onto the topic. A journal that cannot be trusted, or that somebody else has in use, refuses the
 * deployment with the reason.
 */
@Singleton
@Startup
@DependsOn("SchemaMigration")
@Lock(LockType.READ)
@TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
public class ReportQueueBean {
  private static final Logger LOG = Logger.getLogger(ReportQueueBean.class.getName());
  private static final Duration STOP = Duration.ofSeconds(20);

  @Resource(lookup = "java:comp/DefaultManagedThreadFactory")
  private ManagedThreadFactory threads;

  @EJB private JmsReportTopic topic;
  @Inject private LocalReports local;
  @Inject private JdbcReportStore store;
  @Inject private Meters meters;

  private @Nullable BufferedQueue queue;
  private final List<ReportProcessor> processors = new ArrayList<>();
  private final List<Thread> drains = new ArrayList<>();

  @PostConstruct
  void start() {
    Config config = KnownConfig.get();
    if (!ReportConfig.ENABLED.from(config)) {
      LOG.info("this node takes no reports");
      return;
    }
    Clock clock = Clock.systemUTC();
    JournalStore journal = journal(config, clock);
    BufferedQueue opened = open(journal, config, clock);
    queue = opened;
    addGroups(opened, ReportConfig.groups(config));
    ReportMeters.register(meters, opened);
    local.attach(
        new LocalReports.Opened(
            opened,
            journal,
            new Reports(
                opened,
                new ReportChecks(ReportConfig.MAX_BYTES.from(config)),
                ReportConfig.MAX_LIST.from(config),
                clock)));
    if (ReportConfig.PROCESSING.from(config)) {
      drain(
          opened,
          ReportConfig.PROCESSING_GROUP,
          store::apply,
          retention(config, clock),
          ReportConfig.PROCESSING_BATCH.from(config),
          config);
    }
    if (ReportConfig.TOPIC.from(config)) {
      drain(
          opened,
          ReportConfig.TOPIC_GROUP,
          this::publish,
          () -> {},
          ReportConfig.TOPIC_BATCH.from(config),
          config);
    }
  }

  private int publish(List<ReportEnvelope> batch) {
    topic.publish(batch);
    return batch.size();
  }

  private static JournalStore journal(Config config, Clock clock) {
    Path folder = ReportConfig.folder(config);
    try {
      return new JournalStore(new FileSystemDisk(folder), ReportConfig.journal(config), clock);
    } catch (IOException e) {
      throw refused(folder, "the folder cannot be made: " + e.getMessage(), e);
    }
  }

  private static BufferedQueue open(JournalStore journal, Config config, Clock clock) {
    try {
      return BufferedQueue.open(journal, ReportConfig.queue(config), clock);
    } catch (QueueException e) {
      Path folder = ReportConfig.folder(config);
      throw refused(folder, e.reason() + ": " + e.getMessage(), e);
    }
  }

  /** A group that is no longer configured keeps its place until an administrator removes it. */
  private static void addGroups(BufferedQueue queue, Set<String> configured) {
    configured.forEach(group -> queue.addGroup(group, true));
    for (GroupView group : queue.view().groups()) {
      if (!configured.contains(group.name())) {
        LOG.log(
            Level.WARNING,
            "reports are kept for the consumer group {0}, which is not configured: {1} wait;"
                + " remove it (DELETE /api/v1/reports/groups/...) or configure it",
            new Object[] {group.name(), group.lag()});
      }
    }
  }

  private static ServiceException refused(Path folder, String reason, Exception cause) {
    String text = "Plenum cannot start with the journal of reports in " + folder + ": " + reason;
    LOG.severe(text);
    return new ServiceException(ErrorCode.REPORTS_UNAVAILABLE, text, null, cause);
  }

  private ReportRetention retention(Config config, Clock clock) {
    return new ReportRetention(
        store,
        clock,
        ReportConfig.STORED_RETENTION.from(config),
        ReportConfig.STORED_LIMIT.from(config),
        ReportConfig.SUMMARY_RETENTION.from(config));
  }

  private void drain(
      BufferedQueue opened,
      String group,
      ToIntFunction<List<ReportEnvelope>> sink,
      Runnable idle,
      int batchSize,
      Config config) {
    ReportProcessor started =
        new ReportProcessor(
            () -> opened.consumer(group),
            sink,
            idle,
            batchSize,
            ReportConfig.PROCESSING_PAUSE.from(config),
            group,
            meters);
    Thread draining = threads.newThread(started);
    draining.setName("plenum-report-" + group);
    draining.start();
    processors.add(started);
    drains.add(draining);
  }

  @PreDestroy
  void stop() {
    local.attach(null);
    processors.forEach(ReportProcessor::stop);
    try {
      for (Thread draining : drains) {
        if (!draining.join(STOP)) {
          draining.interrupt();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (queue != null) {
      queue.close();
    }
  }
}
