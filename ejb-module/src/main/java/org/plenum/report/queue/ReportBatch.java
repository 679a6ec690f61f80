package org.plenum.report.queue;

import java.util.List;

/**
 * What a consumer got at once, in order and without gaps.
 *
 * @param reports none when nothing came in time
 * @param attempt how often the first of them has been handed out now; 1 for the first time
 */
public record ReportBatch(List<QueuedReport> reports, int attempt) {
  static final ReportBatch EMPTY = new ReportBatch(List.of(), 0);

  /** Whether nothing came. */
  public boolean isEmpty() {
    return reports.isEmpty();
  }

  /** The sequence to acknowledge when all of them are done; there must be one. */
  public long lastSequence() {
    return reports.get(reports.size() - 1).sequence();
  }
}
