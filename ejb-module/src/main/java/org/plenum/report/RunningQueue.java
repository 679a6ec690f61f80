package org.plenum.report;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.report.queue.BufferedQueue;
import org.plenum.report.queue.GroupView;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.ReportConsumer;
import org.plenum.report.queue.journal.FileSystemDisk;
import org.plenum.report.queue.journal.JournalStore;

/** A queue that is open, with the threads that drain it. For one thread. */
final class RunningQueue implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(RunningQueue.class.getName());
  private static final Duration STOP = Duration.ofSeconds(20);
  private static final Duration AFTER_INTERRUPT = Duration.ofSeconds(5);

  private final LocalReports.Opened opened;
  private final List<Drain> drains = new ArrayList<>();
  private boolean closed;

  /** What drains a group; made anew for each queue. */
  interface Sink {
    /** A processor of this group. */
    ReportProcessor processor(Supplier<ReportConsumer> consumers);
  }

  private record Drain(ReportProcessor processor, Thread thread) {}

  private RunningQueue(LocalReports.Opened opened) {
    this.opened = opened;
  }

  /**
   * Opens the queue in the configured folder, with its groups. Nothing drains it yet.
   *
   * @throws ServiceException REPORTS_UNAVAILABLE with what an operator is to know; then nothing is
   *     left open
   */
  static RunningQueue open(Config config, Clock clock) {
    Set<String> groups = ReportConfig.groups(config);
    Path folder = ReportConfig.folder(config);
    BufferedQueue queue = null;
    boolean complete = false;
    try {
      JournalStore journal =
          new JournalStore(new FileSystemDisk(folder), ReportConfig.journal(config), clock);
      queue = BufferedQueue.open(journal, ReportConfig.queue(config), clock);
      addGroups(queue, groups);
      Reports reports =
          new Reports(
              queue,
              new ReportChecks(ReportConfig.MAX_BYTES.from(config)),
              ReportConfig.MAX_LIST.from(config),
              clock);
      complete = true;
      return new RunningQueue(new LocalReports.Opened(queue, journal, reports));
    } catch (IOException e) {
      throw refused(folder, "the folder cannot be made: " + e.getMessage(), e);
    } catch (QueueException e) {
      throw refused(folder, e.reason() + ": " + e.getMessage(), e);
    } finally {
      if (!complete && queue != null) {
        queue.close();
      }
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
    return new ServiceException(
        ErrorCode.REPORTS_UNAVAILABLE,
        "the journal of reports in " + folder + " cannot be opened: " + reason,
        null,
        cause);
  }

  /** Starts to drain a group. */
  void drain(String group, Sink sink, ThreadFactory threads) {
    ReportProcessor processor = sink.processor(() -> opened.queue().consumer(group));
    Thread thread = threads.newThread(processor);
    thread.setName("plenum-report-" + group);
    thread.start();
    drains.add(new Drain(processor, thread));
  }

  LocalReports.Opened opened() {
    return opened;
  }

  /** Why it is of no use any more, null while it is. */
  @Nullable QueueException ended() {
    return opened.queue().ended();
  }

  /** Ends what drains it, then the queue: what was taken is durable. Later calls do nothing. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    drains.forEach(drain -> drain.processor().stop());
    boolean interrupted = false;
    for (Drain drain : drains) {
      try {
        end(drain.thread());
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    opened.queue().close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void end(Thread thread) throws InterruptedException {
    if (!thread.join(STOP)) {
      thread.interrupt();
      if (!thread.join(AFTER_INTERRUPT)) {
        LOG.log(Level.WARNING, "the thread {0} does not end", thread.getName());
      }
    }
  }
}
