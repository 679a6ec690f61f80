package org.plenum.intake;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.Page;
import org.plenum.intake.DeadLetterStore.Change;
import org.plenum.intake.DeadLetterStore.NewLetter;
import org.plenum.intake.api.DeadLetter;
import org.plenum.intake.api.DeadLetterService;
import org.plenum.intake.api.DeadLetterStatus;
import org.plenum.intake.api.LetterQueue;
import org.plenum.platform.CorrelationId;
import org.plenum.platform.DeletionClock;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.platform.metrics.Meters;

/**
 * The way of a message: through the processor, and into the dead letters when it is refused.
 * Letters are kept by message id before their messages are acknowledged, so that a crash in between
 * neither loses one nor keeps one twice. Thread-safe.
 */
public final class CommandIntake implements DeadLetterService {
  private static final Logger LOG = Logger.getLogger(CommandIntake.class.getName());

  private final LegacyProcessor processor;
  private final RedeliveryGuard guard;
  private final Function<LegacyMessage, LegacyOutcome> reports;
  private final DeadLetterStore store;
  private final Clock clock;
  private final Supplier<Instant> databaseTime;
  private final DeletionClock deletion = new DeletionClock();
  private final int maxBytes;
  private final Duration retention;
  private final int limit;
  private final Meters.Counter applied;
  private final Meters.Counter refused;
  private final Meters.Counter postponed;
  private final Meters.Counter forgotten;
  private final Meters.Summary batches;

  /**
   * An intake.
   *
   * @param processor for replays
   * @param guard around the same processor, for what comes from the queue
   * @param reports takes a message of the report queue again; for replays
   * @param databaseTime the time of the database, by which letters grow old
   * @param maxBytes at which the body of a letter is cut
   * @param retention how long letters are kept
   * @param limit how many are kept
   */
  CommandIntake(
      LegacyProcessor processor,
      RedeliveryGuard guard,
      Function<LegacyMessage, LegacyOutcome> reports,
      DeadLetterStore store,
      Clock clock,
      Supplier<Instant> databaseTime,
      int maxBytes,
      Duration retention,
      int limit,
      Meters meters) {
    this.processor = processor;
    this.guard = guard;
    this.reports = reports;
    this.store = store;
    this.clock = clock;
    this.databaseTime = databaseTime;
    this.maxBytes = maxBytes;
    this.retention = retention;
    this.limit = limit;
    applied = meters.counter("intake_messages_applied", "Messages of legacy producers in effect");
    refused = meters.counter("intake_messages_refused", "Messages that went to the dead letters");
    postponed = meters.counter("intake_messages_postponed", "Messages given back to the queue");
    forgotten =
        meters.counter("intake_dead_letters_forgotten", "Waiting letters deleted by a bound");
    batches = meters.summary("intake_batch_size", "Messages received together");
  }

  /**
   * The outcome of each message. When none is postponed, the refused ones are in the dead letters
   * and all may be acknowledged.
   *
   * @throws ServiceException READ_UNAVAILABLE when the dead letters cannot be reached; then none
   *     may be
   */
  public List<LegacyOutcome> take(List<LegacyMessage> batch) {
    batches.observe(batch.size());
    List<LegacyOutcome> outcomes = guard.process(batch);
    long waiting = outcomes.stream().filter(LegacyOutcome.Postponed.class::isInstance).count();
    if (waiting > 0) {
      postponed.add(batch.size());
      return outcomes;
    }
    List<NewLetter> letters = new ArrayList<>();
    for (LegacyOutcome outcome : outcomes) {
      if (outcome instanceof LegacyOutcome.Refused it) {
        CorrelationId.during(
            CorrelationId.ofMessage(it.message().messageId()),
            () -> LOG.info(() -> "the message was refused: " + it.code() + ", " + it.detail()));
        letters.add(letter(it));
      }
    }
    if (!letters.isEmpty()) {
      refused.add(store.add(letters));
    }
    applied.add(outcomes.size() - letters.size());
    return outcomes;
  }

  private NewLetter letter(LegacyOutcome.Refused refusal) {
    LegacyCommand command = refusal.command();
    return Letters.of(
        refusal.message(),
        command == null ? null : command.businessKey(),
        command == null ? null : command.name(),
        refusal.code(),
        refusal.detail(),
        maxBytes,
        clock.instant(),
        LetterQueue.COMMANDS);
  }

  /** Whether a batch has a chance: the database answers. */
  public boolean ready() {
    return store.reachable();
  }

  /** Deletes letters and tries beyond the bounds. */
  public void prune() {
    // The bound of letters holds also while the time cannot be trusted.
    Instant now = databaseTime.get();
    Instant before = deletion.trusts(now, clock.instant()) ? now.minus(retention) : Instant.EPOCH;
    guard.prune(before);
    int lost = store.prune(before, limit);
    if (lost > 0) {
      forgotten.add(lost);
      LOG.log(Level.WARNING, "{0} dead letters were deleted while still waiting", lost);
    }
  }

  @Override
  public Page<DeadLetter> list(DeadLetterStatus status, @Nullable String cursor, int pageSize) {
    return store.list(status, cursor, pageSize);
  }

  @Override
  public DeadLetter get(long id) {
    return store
        .find(id)
        .orElseThrow(
            () -> new ServiceException(ErrorCode.NOT_FOUND, "there is no dead letter " + id));
  }

  @Override
  public DeadLetter replay(long id, String by) {
    DeadLetter letter = get(id);
    if (letter.status() != DeadLetterStatus.WAITING) {
      return letter;
    }
    if (letter.truncated()) {
      throw new ServiceException(
          ErrorCode.PAYLOAD_TOO_LARGE, "the letter was cut and cannot be replayed");
    }
    LegacyMessage again =
        new LegacyMessage(letter.messageId(), letter.messageType(), letter.body(), 1);
    LegacyOutcome outcome =
        switch (letter.queue()) {
          case COMMANDS -> processor.process(List.of(again)).getFirst();
          case REPORTS -> reports.apply(again);
        };
    Change change = change(letter, outcome, by);
    store.change(id, change);
    if (change.status() == DeadLetterStatus.WAITING) {
      throw new ServiceException(change.code(), change.detail());
    }
    return get(id);
  }

  private Change change(DeadLetter letter, LegacyOutcome outcome, String by) {
    int attempts = letter.attempts() + 1;
    return switch (outcome) {
      case LegacyOutcome.Applied done ->
          replayed(letter, attempts, by, done.answer().group(), done.answer().seq());
      case LegacyOutcome.Stored done -> replayed(letter, attempts, by, null, 0);
      case LegacyOutcome.Refused not -> waiting(not.code(), not.detail(), attempts, by);
      case LegacyOutcome.Postponed not -> waiting(not.code(), not.detail(), attempts, by);
    };
  }

  private Change replayed(
      DeadLetter letter, int attempts, String by, @Nullable GroupId group, long seq) {
    return new Change(
        DeadLetterStatus.REPLAYED,
        letter.code(),
        letter.detail(),
        attempts,
        clock.instant(),
        by,
        group,
        seq);
  }

  private Change waiting(ErrorCode code, String detail, int attempts, String by) {
    return new Change(
        DeadLetterStatus.WAITING, code, detail, attempts, clock.instant(), by, null, 0);
  }

  @Override
  public DeadLetter discard(long id, String by) {
    DeadLetter letter = get(id);
    store.change(
        id,
        new Change(
            DeadLetterStatus.DISCARDED,
            letter.code(),
            letter.detail(),
            letter.attempts(),
            clock.instant(),
            by,
            null,
            0));
    return get(id);
  }

  @Override
  public Map<DeadLetterStatus, Long> counts() {
    return store.counts();
  }
}
