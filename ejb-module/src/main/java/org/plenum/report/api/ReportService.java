package org.plenum.report.api;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.ReportAnswer.Rejected;

/**
 * The port of all intakes (RPT-5): takes reports, whether or not anybody is there to process them.
 * Thread-safe.
 */
public interface ReportService {
  /**
   * Submits reports that are to follow each other; all of them are taken, or none. Never blocks:
   * the stage is completed when they are durable, by the thread that writes the journal, so
   * whatever is chained to it must be short and must not wait. It never completes exceptionally.
   * Rejections: INVALID_VALUE, INVALID_UTF8, PAYLOAD_TOO_LARGE for what will never be accepted;
   * REPORT_QUEUE_FULL, REPORT_STORAGE_FAILED, REPORTS_UNAVAILABLE for what may be accepted later.
   */
  CompletionStage<ReportAnswer> submit(List<NewReport> reports);

  /**
   * Submits reports of which each is taken or refused for itself: those that will never be accepted
   * are refused, and all others are taken in their order, or none of them. Each is looked at once.
   * Never blocks; otherwise as {@link #submit(List)}.
   */
  Sorted submitEach(List<NewReport> reports);

  /**
   * What became of reports that were submitted each for itself.
   *
   * @param refused for each of them, in their order: why it will never be accepted, or null
   * @param answer what becomes of those that were not refused; null when all were
   */
  record Sorted(List<@Nullable Rejected> refused, @Nullable CompletionStage<ReportAnswer> answer) {}

  /**
   * Whether reports are taken here at all: false where they are switched off, and while the queue
   * of this node is closed or has ended. True does not say that there is room for one now.
   */
  boolean open();

  /** Submits one report. */
  default CompletionStage<ReportAnswer> submit(NewReport report) {
    return submit(List.of(report));
  }

  /**
   * The position that came with the newest report of this source that has taken effect, on any
   * node: an intake that starts, or takes a source over from another node, reads its source again
   * from there. Reports on their way come again and have no second effect. Empty when there is
   * none.
   *
   * @throws ServiceException READ_UNAVAILABLE; blocks for the database
   */
  Optional<String> position(String source);
}
