package org.plenum.intake;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.intake.DeadLetterStore.NewLetter;
import org.plenum.intake.api.LetterQueue;
import org.plenum.platform.CorrelationId;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.platform.metrics.Meters;
import org.plenum.report.api.NewReport;
import org.plenum.report.api.ReportAnswer;
import org.plenum.report.api.ReportChannel;
import org.plenum.report.api.ReportJson;
import org.plenum.report.api.ReportService;

/**
 * The way of messages of the report queue: all sound ones of a batch into the buffered queue in one
 * submission, those that are no report into the dead letters. Only when both are durable the batch
 * may be acknowledged; a batch that comes again has no second effect, since each report has its
 * business key, or the id of its message. Thread-safe.
 */
public final class ReportIntake {
  /** The source of a message that names none. */
  static final String SOURCE = "jms";

  private static final Logger LOG = Logger.getLogger(ReportIntake.class.getName());

  private final ReportService reports;
  private final DeadLetterStore store;
  private final BooleanSupplier sound;
  private final Clock clock;
  private final int maxBytes;
  private final Duration timeout;
  private final ReportJson json = new ReportJson();
  private final Meters.Counter taken;
  private final Meters.Counter refused;
  private final Meters.Counter postponed;

  /**
   * An intake.
   *
   * @param sound whether reports can be made durable at this moment
   * @param maxBytes largest text of a message in bytes of UTF-8, and where the body of a letter is
   *     cut
   * @param timeout how long a batch may wait to be durable
   */
  ReportIntake(
      ReportService reports,
      DeadLetterStore store,
      BooleanSupplier sound,
      Clock clock,
      int maxBytes,
      Duration timeout,
      Meters meters) {
    this.reports = reports;
    this.store = store;
    this.sound = sound;
    this.clock = clock;
    this.maxBytes = maxBytes;
    this.timeout = timeout;
    taken = meters.counter("intake_reports_taken", "Reports of legacy producers made durable");
    refused = meters.counter("intake_reports_refused", "Messages that were no reports");
    postponed = meters.counter("intake_reports_postponed", "Messages given back to the queue");
  }

  /** What became of a message: one of both is null. */
  record Outcome(
      LegacyMessage message, @Nullable NewReport report, @Nullable ServiceException problem) {}

  /**
   * The outcome of each message; they may be acknowledged.
   *
   * @throws ServiceException with a transient code when they may not, and must be delivered again
   */
  List<Outcome> take(List<LegacyMessage> batch) {
    List<Outcome> outcomes = batch.stream().map(this::read).toList();
    List<NewReport> sound = new ArrayList<>();
    List<NewLetter> letters = new ArrayList<>();
    for (Outcome outcome : outcomes) {
      ServiceException problem = outcome.problem();
      if (outcome.report() != null) {
        sound.add(outcome.report());
      } else if (problem != null) {
        letters.add(letter(outcome.message(), problem));
      }
    }
    try {
      if (!sound.isEmpty()) {
        var unused = submit(sound).orThrow();
      }
      if (!letters.isEmpty()) {
        refused.add(store.add(letters));
      }
    } catch (ServiceException e) {
      postponed.add(batch.size());
      throw e;
    }
    taken.add(sound.size());
    return outcomes;
  }

  private NewLetter letter(LegacyMessage message, ServiceException problem) {
    CorrelationId.during(
        CorrelationId.ofMessage(message.messageId()),
        () ->
            LOG.info(
                () -> "the message is no report: " + problem.code() + ", " + problem.detail()));
    return Letters.of(
        message,
        null,
        "report",
        problem.code(),
        problem.detail(),
        maxBytes,
        clock.instant(),
        LetterQueue.REPORTS);
  }

  private Outcome read(LegacyMessage message) {
    try {
      return new Outcome(message, report(message), null);
    } catch (ServiceException e) {
      return new Outcome(message, null, e);
    }
  }

  private NewReport report(LegacyMessage message) {
    String text = message.text();
    if (text == null) {
      throw new ServiceException(
          ErrorCode.UNSUPPORTED_MEDIA_TYPE, "only TextMessage is taken, not " + message.type());
    }
    if (text.length() > maxBytes) {
      throw new ServiceException(
          ErrorCode.PAYLOAD_TOO_LARGE, "the text has more than " + maxBytes + " bytes of UTF-8");
    }
    NewReport report =
        json.read(text).report(SOURCE, message.messageId(), clock.instant(), ReportChannel.JMS);
    ReportAnswer.Rejected problem = reports.problem(report);
    if (problem != null && !problem.code().transientFault()) {
      throw new ServiceException(problem.code(), problem.detail());
    }
    return report;
  }

  private ReportAnswer submit(List<NewReport> sound) {
    try {
      return reports
          .submit(sound)
          .toCompletableFuture()
          .get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new ServiceException(ErrorCode.TIMEOUT, "the batch was not durable in time", null, e);
    } catch (ExecutionException e) {
      LOG.log(Level.SEVERE, "the queue's stage failed, which it never should", e);
      throw new ServiceException(ErrorCode.TIMEOUT, "the queue failed to answer", null, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException(ErrorCode.TIMEOUT, "interrupted", null, e);
    }
  }

  /** Takes the message of a dead letter again. */
  ReportAnswer replay(LegacyMessage message) {
    try {
      return submit(List.of(report(message)));
    } catch (ServiceException e) {
      return new ReportAnswer.Rejected(e.code(), e.detail(), e.retryAfter());
    }
  }

  /** Whether a batch has a chance: reports and dead letters can be made durable. */
  boolean ready() {
    return sound.getAsBoolean();
  }
}
