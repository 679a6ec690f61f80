package org.plenum.intake;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
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
 * business key, or the id of its message.
 *
 * <p>A message that meets a fault of ours, or ends the server, is bounded as a command is ({@link
 * RedeliveryGuard}): it is a dead letter after its tries. What the queue turns away for a while,
 * because it is full or its storage fails, is no try, however long that takes. While the database
 * is away tries cannot be counted, and none is made alone: reports are taken all the same.
 *
 * <p>{@link #take} is for one consumer's thread at a time, all else thread-safe.
 */
public final class ReportIntake {
  /** The source of a message that names none. */
  static final String SOURCE = "jms";

  /** Far more than a batch has. */
  private static final int MOST_DURABLE = 100_000;

  private static final Logger LOG = Logger.getLogger(ReportIntake.class.getName());

  private final ReportService reports;
  private final DeadLetterStore store;
  private final BooleanSupplier sound;
  private final RedeliveryGuard guard;
  private final Clock clock;
  private final int maxBytes;
  private final Duration timeout;
  private final ReportJson json = new ReportJson();
  private final Meters.Counter taken;
  private final Meters.Counter refused;
  private final Meters.Counter postponed;

  /**
   * Messages of the batch that was given back last whose reports are durable: they come again
   * because a letter of the same batch could not be stored, or some other of it was postponed. Only
   * the consumer's thread uses it.
   */
  private final Set<String> durable = new HashSet<>();

  /**
   * An intake.
   *
   * @param attempts what is known of messages that come again
   * @param maxTries tries of such a message on its own
   * @param sound whether reports can be made durable at this moment
   * @param maxBytes largest text of a message in bytes of UTF-8, and where the body of a letter is
   *     cut
   * @param timeout how long a batch may wait to be durable
   */
  ReportIntake(
      ReportService reports,
      DeadLetterStore store,
      AttemptStore attempts,
      int maxTries,
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
    guard =
        new RedeliveryGuard(
            this::fresh, attempts, sound, ErrorCode::transientFault, clock, maxTries);
    taken = meters.counter("intake_reports_taken", "Reports of legacy producers made durable");
    refused = meters.counter("intake_reports_refused", "Messages that were no reports");
    postponed = meters.counter("intake_reports_postponed", "Messages given back to the queue");
  }

  /**
   * The outcome of each message; they may be acknowledged.
   *
   * @throws ServiceException when they may not, and must be delivered again
   */
  List<LegacyOutcome> take(List<LegacyMessage> batch) {
    try {
      List<LegacyOutcome> outcomes = guarded(batch);
      List<NewLetter> letters = new ArrayList<>();
      for (LegacyOutcome outcome : outcomes) {
        if (outcome instanceof LegacyOutcome.Postponed not) {
          throw new ServiceException(not.code(), not.detail());
        }
        if (outcome instanceof LegacyOutcome.Refused not) {
          letters.add(letter(not));
        }
      }
      if (!letters.isEmpty()) {
        refused.add(store.add(letters));
      }
      taken.add(outcomes.size() - letters.size());
      durable.clear();
      return outcomes;
    } catch (ServiceException e) {
      postponed.add(batch.size());
      throw e;
    }
  }

  private List<LegacyOutcome> guarded(List<LegacyMessage> batch) {
    try {
      return guard.process(batch);
    } catch (ServiceException e) {
      LOG.log(Level.FINE, "tries cannot be counted, so the batch is taken as it is", e);
      return fresh(batch);
    }
  }

  /** What is durable already is not made so again: the queue would carry it twice. */
  private List<LegacyOutcome> fresh(List<LegacyMessage> batch) {
    List<LegacyOutcome> outcomes = process(batch, durable);
    for (LegacyOutcome outcome : outcomes) {
      if (outcome instanceof LegacyOutcome.Stored && durable.size() < MOST_DURABLE) {
        durable.add(outcome.message().messageId());
      }
    }
    return outcomes;
  }

  /** All sound messages of the batch become durable, or none. */
  private List<LegacyOutcome> process(List<LegacyMessage> batch, Set<String> already) {
    List<LegacyOutcome> outcomes = new ArrayList<>(batch.size());
    List<Integer> places = new ArrayList<>(batch.size());
    List<NewReport> found = new ArrayList<>(batch.size());
    for (LegacyMessage message : batch) {
      LegacyOutcome outcome = read(message);
      if (outcome instanceof LegacyOutcome.Stored stored
          && !already.contains(message.messageId())) {
        places.add(outcomes.size());
        found.add(stored.report());
      }
      outcomes.add(outcome);
    }
    if (!found.isEmpty()) {
      submit(found, places, outcomes);
    }
    return outcomes;
  }

  /** Puts an outcome in the place of each report that is not durable. */
  private void submit(List<NewReport> found, List<Integer> places, List<LegacyOutcome> outcomes) {
    ReportService.Sorted sorted = reports.submitEach(found);
    ServiceException failure = failure(sorted.answer());
    for (int i = 0; i < found.size(); i++) {
      int place = places.get(i);
      LegacyMessage message = outcomes.get(place).message();
      ReportAnswer.Rejected refusal = sorted.refused().get(i);
      if (refusal != null) {
        outcomes.set(
            place, new LegacyOutcome.Refused(message, null, refusal.code(), refusal.detail()));
      } else if (failure != null) {
        outcomes.set(
            place, new LegacyOutcome.Postponed(message, null, failure.code(), failure.detail()));
      }
    }
  }

  private @Nullable ServiceException failure(@Nullable CompletionStage<ReportAnswer> answer) {
    if (answer == null) {
      return null;
    }
    try {
      var unused = await(answer).orThrow();
      return null;
    } catch (ServiceException e) {
      return e;
    }
  }

  private NewLetter letter(LegacyOutcome.Refused refusal) {
    CorrelationId.during(
        CorrelationId.ofMessage(refusal.message().messageId()),
        () ->
            LOG.info(
                () ->
                    "the message is taken as no report: "
                        + refusal.code()
                        + ", "
                        + refusal.detail()));
    return Letters.of(
        refusal.message(),
        null,
        "report",
        refusal.code(),
        refusal.detail(),
        maxBytes,
        clock.instant(),
        LetterQueue.REPORTS);
  }

  /** What the message is once it is durable, if it is a report. */
  private LegacyOutcome read(LegacyMessage message) {
    try {
      return new LegacyOutcome.Stored(message, report(message));
    } catch (ServiceException e) {
      return new LegacyOutcome.Refused(message, null, e.code(), e.detail());
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
    return json.read(text).report(SOURCE, message.messageId(), clock.instant(), ReportChannel.JMS);
  }

  private ReportAnswer await(CompletionStage<ReportAnswer> answer) {
    try {
      return answer.toCompletableFuture().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new ServiceException(ErrorCode.TIMEOUT, "the batch was not durable in time", null, e);
    } catch (ExecutionException e) {
      LOG.log(Level.SEVERE, "the queue's stage failed, which it never should", e);
      throw new ServiceException(ErrorCode.INTERNAL, "the queue failed to answer", null, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException(ErrorCode.TIMEOUT, "interrupted", null, e);
    }
  }

  /** Takes the message of a dead letter again. */
  LegacyOutcome replay(LegacyMessage message) {
    return process(List.of(message), Set.of()).getFirst();
  }

  /** Whether a batch has a chance: reports and dead letters can be made durable. */
  boolean ready() {
    return sound.getAsBoolean();
  }
}
