package org.plenum.report;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.NewReport;
import org.plenum.report.api.ReportAnswer;
import org.plenum.report.api.ReportAnswer.Accepted;
import org.plenum.report.api.ReportAnswer.Rejected;
import org.plenum.report.api.ReportEnvelope;
import org.plenum.report.api.ReportService.Sorted;
import org.plenum.report.queue.Appended;
import org.plenum.report.queue.BufferedQueue;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.Report;

/** Checks reports and pushes them into the buffered queue (RPT-5). Thread-safe. */
final class Reports {
  private static final Duration SOON = Duration.ofSeconds(1);
  private static final Duration LATER = Duration.ofSeconds(5);

  private final BufferedQueue queue;
  private final ReportChecks checks;
  private final int maxList;
  private final Clock clock;

  /**
   * Intake into a queue.
   *
   * @param maxList reports that may be submitted together
   */
  Reports(BufferedQueue queue, ReportChecks checks, int maxList, Clock clock) {
    this.queue = queue;
    this.checks = checks;
    this.maxList = maxList;
    this.clock = clock;
  }

  /** Why the report will never be accepted, or null. */
  private @Nullable Rejected problem(NewReport report) {
    Rejected problem = checks.problem(report);
    if (problem == null) {
      try {
        ReportEffect unused = ReportEffect.of(report);
      } catch (ServiceException e) {
        return new Rejected(e.code(), e.detail());
      }
    }
    return problem;
  }

  CompletionStage<ReportAnswer> submit(List<NewReport> reports) {
    Rejected problem = number(reports.size());
    for (int i = 0; problem == null && i < reports.size(); i++) {
      problem = problem(reports.get(i));
    }
    return problem == null ? take(reports) : CompletableFuture.completedFuture(problem);
  }

  Sorted submitEach(List<NewReport> reports) {
    List<@Nullable Rejected> refused = new ArrayList<>(reports.size());
    List<NewReport> sound = new ArrayList<>(reports.size());
    for (NewReport report : reports) {
      Rejected problem = problem(report);
      refused.add(problem);
      if (problem == null) {
        sound.add(report);
      }
    }
    if (sound.isEmpty() && !reports.isEmpty()) {
      return new Sorted(refused, null);
    }
    Rejected problem = number(sound.size());
    return new Sorted(
        refused, problem == null ? take(sound) : CompletableFuture.completedFuture(problem));
  }

  /** Takes reports that were found sound. */
  private CompletionStage<ReportAnswer> take(List<NewReport> reports) {
    var now = clock.instant();
    List<Report> encoded = new ArrayList<>(reports.size());
    for (NewReport report : reports) {
      encoded.add(ReportCodec.encode(new ReportEnvelope(report, now)));
    }
    return push(encoded);
  }

  private @Nullable Rejected number(int reports) {
    if (reports == 0) {
      return new Rejected(ErrorCode.INVALID_VALUE, "there is no report");
    }
    return reports > maxList
        ? new Rejected(
            ErrorCode.PAYLOAD_TOO_LARGE, "at most " + maxList + " reports are taken together")
        : null;
  }

  private CompletionStage<ReportAnswer> push(List<Report> reports) {
    try {
      return queue.append(reports, Duration.ZERO).handle(Reports::answer);
    } catch (QueueException e) {
      return CompletableFuture.completedFuture(rejected(e));
    } catch (IllegalArgumentException e) {
      return CompletableFuture.completedFuture(
          new Rejected(ErrorCode.PAYLOAD_TOO_LARGE, String.valueOf(e.getMessage())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return CompletableFuture.completedFuture(
          new Rejected(ErrorCode.REPORTS_UNAVAILABLE, "interrupted", SOON));
    }
  }

  static ReportAnswer answer(@Nullable Appended appended, @Nullable Throwable failure) {
    if (appended != null) {
      return new Accepted(appended.first(), appended.last());
    }
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof QueueException known
        ? rejected(known)
        : new Rejected(ErrorCode.REPORT_STORAGE_FAILED, "the queue failed: " + cause, LATER);
  }

  static Rejected rejected(QueueException e) {
    String detail = String.valueOf(e.getMessage());
    return switch (e.reason()) {
      case FULL -> new Rejected(ErrorCode.REPORT_QUEUE_FULL, detail, SOON);
      case STORAGE_FULL, STORAGE_FAILED ->
          new Rejected(ErrorCode.REPORT_STORAGE_FAILED, detail, LATER);
      default -> new Rejected(ErrorCode.REPORTS_UNAVAILABLE, detail, LATER);
    };
  }
}
