package org.plenum.report;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.NewReport;
import org.plenum.report.api.ReportAnswer;
import org.plenum.report.api.ReportAnswer.Rejected;
import org.plenum.report.api.ReportService;
import org.plenum.report.queue.BufferedQueue;
import org.plenum.report.queue.journal.JournalStore;

/**
 * The way into the queue of this node: a bean of its own, so that a report costs no container call.
 */
@ApplicationScoped
public class LocalReports implements ReportService {
  private static final Duration RETRY = Duration.ofSeconds(2);

  @Inject private JdbcReportStore store;

  private volatile @Nullable Opened opened;

  /** The queue that is open now. */
  record Opened(BufferedQueue queue, JournalStore journal, Reports reports) {}

  void attach(@Nullable Opened now) {
    opened = now;
  }

  @Nullable Opened opened() {
    return opened;
  }

  /**
   * The queue of this node.
   *
   * @throws ServiceException REPORTS_UNAVAILABLE when it is not open
   */
  BufferedQueue queue() {
    Opened current = opened;
    if (current == null) {
      throw new ServiceException(
          ErrorCode.REPORTS_UNAVAILABLE, "reports are not started on this node", RETRY, null);
    }
    return current.queue();
  }

  @Override
  public boolean open() {
    Opened current = opened;
    return current != null && current.queue().ended() == null;
  }

  @Override
  public CompletionStage<ReportAnswer> submit(List<NewReport> reports) {
    Opened current = opened;
    return current == null
        ? CompletableFuture.completedFuture(away())
        : current.reports().submit(reports);
  }

  @Override
  public Sorted submitEach(List<NewReport> reports) {
    Opened current = opened;
    return current == null
        ? new Sorted(
            Collections.nCopies(reports.size(), null), CompletableFuture.completedFuture(away()))
        : current.reports().submitEach(reports);
  }

  private static Rejected away() {
    return new Rejected(
        ErrorCode.REPORTS_UNAVAILABLE, "reports are not started on this node", RETRY);
  }

  @Override
  public Optional<String> position(String source) {
    return store.position(source);
  }
}
