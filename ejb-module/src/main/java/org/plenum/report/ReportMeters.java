package org.plenum.report;

import java.time.Duration;
import java.time.Instant;
import java.util.function.ToDoubleFunction;
import org.plenum.platform.metrics.Meters;
import org.plenum.report.queue.BufferedQueue;
import org.plenum.report.queue.GroupView;
import org.plenum.report.queue.QueueView;

/** What is measured of a queue. The view costs a few dozen reads, at a scrape's rate. */
final class ReportMeters {
  private static final double NANOS = 1e9;

  private ReportMeters() {}

  static void register(Meters meters, BufferedQueue queue) {
    gauge(
        meters,
        queue,
        "first_buffer_count",
        "Reports that wait to be durable",
        QueueView::firstCount);
    gauge(meters, queue, "first_buffer_bytes", "Their weight in memory", QueueView::firstBytes);
    gauge(meters, queue, "appended", "Reports made durable since the start", QueueView::appended);
    gauge(meters, queue, "dead_letters", "Dead letters of all groups", QueueView::deadLetters);
    gauge(meters, queue, "journal_bytes", "What the journal takes", view -> view.store().bytes());
    gauge(
        meters,
        queue,
        "journal_failing",
        "1 while reports cannot be made durable",
        view -> view.failing() == null ? 0 : 1);
    gauge(
        meters,
        queue,
        "flush_p99_seconds",
        "Write to the journal with its fsync",
        view -> view.flushes().p99Nanos() / NANOS);
    gauge(
        meters,
        queue,
        "flush_max_seconds",
        "The longest write to the journal",
        view -> view.flushes().maxNanos() / NANOS);
    gauge(
        meters,
        queue,
        "lag",
        "Durable reports that the slowest consumer group is not done with",
        view -> view.groups().stream().mapToLong(GroupView::lag).max().orElse(0));
    gauge(
        meters,
        queue,
        "processing_lag",
        "Durable reports that are not in the database",
        view ->
            view.groups().stream()
                .filter(group -> group.name().equals(ReportConfig.PROCESSING_GROUP))
                .mapToLong(GroupView::lag)
                .sum());
    gauge(
        meters,
        queue,
        "abnormal_groups",
        "Consumer groups that are served from storage",
        view ->
            view.groups().stream().filter(group -> group.buffer().abnormalSince() != null).count());
    gauge(
        meters,
        queue,
        "abnormal_seconds",
        "For how long the first of them has been",
        ReportMeters::abnormalSeconds);
  }

  private static double abnormalSeconds(QueueView view) {
    Instant oldest = Instant.MAX;
    for (GroupView group : view.groups()) {
      Instant since = group.buffer().abnormalSince();
      if (since != null && since.isBefore(oldest)) {
        oldest = since;
      }
    }
    return oldest.equals(Instant.MAX)
        ? 0
        : Duration.between(oldest, Instant.now()).toMillis() / 1_000.0;
  }

  private static void gauge(
      Meters meters,
      BufferedQueue queue,
      String name,
      String doc,
      ToDoubleFunction<QueueView> value) {
    meters.gauge("report_" + name, doc, () -> value.applyAsDouble(queue.view()));
  }
}
