package org.plenum.report;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.plenum.platform.DeletionClock;

/**
 * Deletes stored reports beyond their age or number: a little at a time, and when nothing is left
 * to delete not again for a while. For one thread.
 */
final class ReportRetention implements Runnable {
  private static final Duration REST = Duration.ofMinutes(5);

  private final JdbcReportStore store;
  private final Clock clock;
  private final Duration reports;
  private final long limit;
  private final Duration summaries;
  private final DeletionClock deletion = new DeletionClock();
  private Instant next = Instant.MIN;

  ReportRetention(
      JdbcReportStore store, Clock clock, Duration reports, long limit, Duration summaries) {
    this.store = store;
    this.clock = clock;
    this.reports = reports;
    this.limit = limit;
    this.summaries = summaries;
  }

  @Override
  public void run() {
    Instant now = clock.instant();
    if (now.isBefore(next)) {
      return;
    }
    next = now.plus(REST);
    if (!deletion.trusts(store.now(), now)) {
      return;
    }
    if (store.prune(now.minus(reports), limit, now.minus(summaries)) > 0) {
      next = now;
    }
  }
}
