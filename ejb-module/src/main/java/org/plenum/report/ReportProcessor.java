package org.plenum.report;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.platform.metrics.Meters;
import org.plenum.report.api.ReportEnvelope;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.QueuedReport;
import org.plenum.report.queue.ReportBatch;
import org.plenum.report.queue.ReportConsumer;

/**
 * Drains one consumer group in batches and acknowledges what its sink has made durable. A sink that
 * is away is tried again with the same batch for as long as it takes; meanwhile the queue keeps
 * what comes. A batch that the sink refuses for good is tried report by report, and the one that it
 * refuses becomes a dead letter in the end. Effects must be idempotent by report id: after a crash
 * reports come again. One thread runs it.
 */
final class ReportProcessor implements Runnable {
  private static final Logger LOG = Logger.getLogger(ReportProcessor.class.getName());
  private static final Duration IDLE = Duration.ofMillis(500);
  private static final long BATCH_BYTES = 8L << 20;

  private final Supplier<ReportConsumer> consumers;
  private final ToIntFunction<List<ReportEnvelope>> sink;
  private final Runnable idle;
  private final int batchSize;
  private final Duration pause;
  private final String name;
  private final Meters.Counter applied;
  private final Meters.Counter repeated;
  private volatile boolean running = true;
  private boolean away;

  /**
   * A processor.
   *
   * @param consumers attaches a consumer of the group
   * @param sink makes the effects of a batch durable, all or none, and says how many were new;
   *     {@link ServiceException} with a transient code when it is away, with another one when it
   *     refuses the batch for good
   * @param idle called between batches, often; bounds itself
   * @param pause before a batch is tried again
   * @param name of the group, in the names of its meters
   */
  ReportProcessor(
      Supplier<ReportConsumer> consumers,
      ToIntFunction<List<ReportEnvelope>> sink,
      Runnable idle,
      int batchSize,
      Duration pause,
      String name,
      Meters meters) {
    this.consumers = consumers;
    this.sink = sink;
    this.idle = idle;
    this.batchSize = batchSize;
    this.pause = pause;
    this.name = name;
    applied = meters.counter("report_" + name + "_applied", "Reports whose effects are durable");
    repeated =
        meters.counter("report_" + name + "_repeated", "Reports that came again without effect");
  }

  void stop() {
    running = false;
  }

  @Override
  public void run() {
    try {
      while (running) {
        try (ReportConsumer consumer = consumers.get()) {
          while (running) {
            next(consumer);
          }
        } catch (QueueException e) {
          if (!goesOn(e)) {
            return;
          }
          Thread.sleep(pause);
        } catch (RuntimeException e) {
          // A fault of ours: what was not acknowledged comes again, and nothing is lost meanwhile.
          LOG.log(Level.SEVERE, "the group " + name + " of reports met a fault, trying again", e);
          Thread.sleep(pause);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean goesOn(QueueException e) {
    switch (e.reason()) {
      case CLOSED, FENCED -> {
        LOG.log(
            Level.INFO, "the group {0} of reports ends: {1}", new Object[] {name, e.getMessage()});
        return false;
      }
      default -> {
        LOG.log(Level.WARNING, "the queue of reports cannot be read, trying again", e);
        return true;
      }
    }
  }

  private void next(ReportConsumer consumer) throws InterruptedException {
    ReportBatch batch = consumer.poll(batchSize, BATCH_BYTES, IDLE);
    if (!batch.isEmpty()) {
      take(consumer, batch.reports());
    }
    try {
      idle.run();
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "housekeeping of reports failed, trying again later", e);
    }
  }

  private void take(ReportConsumer consumer, List<QueuedReport> reports)
      throws InterruptedException {
    try {
      List<ReportEnvelope> batch = new ArrayList<>(reports.size());
      for (QueuedReport report : reports) {
        batch.add(ReportCodec.decode(report.report()));
      }
      if (apply(batch)) {
        consumer.ack(reports.getLast().sequence());
      }
    } catch (ServiceException | IllegalArgumentException e) {
      oneByOne(consumer, reports, e);
    }
  }

  private void oneByOne(
      ReportConsumer consumer, List<QueuedReport> reports, RuntimeException reason)
      throws InterruptedException {
    if (reports.size() == 1) {
      consumer.reject(reports.getFirst().sequence(), String.valueOf(reason.getMessage()));
      return;
    }
    for (QueuedReport report : reports) {
      try {
        if (!apply(List.of(ReportCodec.decode(report.report())))) {
          return;
        }
        consumer.ack(report.sequence());
      } catch (ServiceException | IllegalArgumentException e) {
        consumer.reject(report.sequence(), String.valueOf(e.getMessage()));
        return;
      }
    }
  }

  /**
   * Tries until the sink is there.
   *
   * @return false when this processor was stopped before that
   * @throws ServiceException when it refuses the batch for good
   */
  private boolean apply(List<ReportEnvelope> batch) throws InterruptedException {
    while (running) {
      try {
        int fresh = sink.applyAsInt(batch);
        applied.add(fresh);
        repeated.add(batch.size() - fresh);
        if (away) {
          away = false;
          LOG.log(Level.INFO, "what takes the reports of the group {0} is back", name);
        }
        return true;
      } catch (ServiceException e) {
        if (!e.code().transientFault()) {
          throw e;
        }
        tell(e);
      } catch (RuntimeException e) {
        // A bug or a resource that is being taken down: nothing is lost while it is tried again.
        tell(new ServiceException(ErrorCode.INTERNAL, "a fault: " + e, null, e));
      }
      Thread.sleep(pause);
    }
    return false;
  }

  private void tell(ServiceException e) {
    if (!away) {
      away = true;
      LOG.log(Level.WARNING, "reports of the group " + name + " wait: what takes them is away", e);
    }
  }
}
