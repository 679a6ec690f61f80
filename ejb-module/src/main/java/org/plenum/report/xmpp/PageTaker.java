package org.plenum.report.xmpp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.NewReport;
import org.plenum.report.api.ReportAnswer;
import org.plenum.report.api.ReportService;
import org.plenum.report.xmpp.XmppLetters.Letter;

/**
 * Makes a page durable: its reports in the report queue, as one submission, so that no journal
 * holds a report without those before it; what was meant as a report and is none as letters. For
 * one thread.
 */
final class PageTaker {
  private static final Logger LOG = Logger.getLogger(PageTaker.class.getName());

  private final ReportService service;
  private final XmppReports reports;
  private final XmppLetters letters;
  private final Duration limit;

  /** With a limit for the answer of the queue. */
  PageTaker(ReportService service, XmppReports reports, XmppLetters letters, Duration limit) {
    this.service = service;
    this.reports = reports;
    this.letters = letters;
    this.limit = limit;
  }

  /** A message that was not read before, and behind which place reading may go on after it. */
  record Next(ArchivedMessage message, @Nullable String place) {}

  /**
   * What became of a page.
   *
   * @param reports taken
   * @param refused that were no reports
   * @param durable messages that are durable here, as reports or as letters
   */
  record Taken(int reports, int refused, List<ArchivedMessage> durable) {}

  /**
   * Takes the messages; when it returns they are durable.
   *
   * @throws ServiceException when that is not possible now: the same messages may be taken again
   */
  Taken take(List<Next> page) throws InterruptedException {
    List<NewReport> found = new ArrayList<>();
    Map<String, ArchivedMessage> byKey = new HashMap<>();
    List<ArchivedMessage> durable = new ArrayList<>();
    List<Letter> refused = new ArrayList<>();
    for (Next next : page) {
      switch (reports.read(next.message())) {
        case XmppReports.Reading.Report taken -> {
          NewReport report = taken.report();
          found.add(next.place() == null ? report : report.at(next.place()));
          byKey.put(report.key(), next.message());
          durable.add(next.message());
        }
        case XmppReports.Reading.Refused letter -> {
          refused.add(letter.letter());
          durable.add(next.message());
        }
        case XmppReports.Reading.Ignored ignored -> {
          // Nothing to take.
        }
      }
    }
    keep(refused);
    if (!found.isEmpty()) {
      refused.addAll(submit(found, byKey));
    }
    return new Taken(durable.size() - refused.size(), refused.size(), durable);
  }

  private void keep(List<Letter> refused) {
    if (!refused.isEmpty()) {
      letters.keep(refused);
      for (Letter letter : refused) {
        LOG.info(
            () ->
                "%s: message %s of %s is no report: %s"
                    .formatted(
                        letter.source(), letter.archiveId(), letter.sender(), letter.detail()));
      }
    }
  }

  /** The letters are of those that nobody will ever take. */
  private List<Letter> submit(List<NewReport> found, Map<String, ArchivedMessage> byKey)
      throws InterruptedException {
    if (!(answer(found) instanceof ReportAnswer.Rejected rejected)) {
      return List.of();
    }
    if (rejected.code().transientFault()) {
      rejected.orThrow();
    }
    // One of them is in the way of the others: each alone, each durable before the next.
    List<Letter> refused = new ArrayList<>();
    for (NewReport report : found) {
      ArchivedMessage message = byKey.get(report.key());
      if (answer(List.of(report)) instanceof ReportAnswer.Rejected alone && message != null) {
        if (alone.code().transientFault()) {
          alone.orThrow();
        }
        Letter letter = reports.letter(message, alone.code(), alone.detail());
        keep(List.of(letter));
        refused.add(letter);
      }
    }
    return refused;
  }

  private ReportAnswer answer(List<NewReport> list) throws InterruptedException {
    try {
      return service
          .submit(list)
          .toCompletableFuture()
          .get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new ServiceException(
          ErrorCode.TIMEOUT, "the report queue did not answer in " + limit, null, e);
    } catch (ExecutionException e) {
      throw new ServiceException(
          ErrorCode.INTERNAL, "the report queue failed: " + e.getCause(), null, e);
    }
  }
}
