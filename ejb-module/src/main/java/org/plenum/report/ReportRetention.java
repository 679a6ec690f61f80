package org.plenum.report;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;
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
  private final LongSupplier nanos;
  private long rested;
  private boolean resting;

  /**
   * Retention.
   *
   * @param nanos the time that passes, whatever the clock says
   */
  ReportRetention(
      JdbcReportStore store,
      Clock clock,
      LongSupplier nanos,
      Duration reports,
      long limit,
      Duration summaries) {
    this.store = store;
    this.clock = clock;
    this.nanos = nanos;
    this.reports = reports;
    this.limit = limit;
    this.summaries = summaries;
  }

  @Override
  public void run() {
    if (resting && nanos.getAsLong() - rested < REST.toNanos()) {
      return;
    }
    resting = true; // also after a failure
    rested = nanos.getAsLong();
    Instant now = clock.instant();
    if (!deletion.trusts(store.now(), now)) {
      return;
    }
    resting = store.prune(now.minus(reports), limit, now.minus(summaries)) == 0;
  }
}
