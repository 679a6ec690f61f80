package org.plenum.intake;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.intake.AttemptStore.Attempts;
import org.plenum.platform.CorrelationId;
import org.plenum.platform.ErrorCode;

/**
 * Bounds the tries of a poison message: one that always times out, meets a fault, or ends the
 * server in mid-work. Without it such a message would come back for ever, and all behind it with
 * it.
 *
 * <p>A message that comes for the first time goes to the processor with its batch, and nothing is
 * written. Its first redelivery is with its batch as well, but remembered. From then on it is tried
 * alone, in its place in the order, and each try is counted in the database before it is made, so
 * that a crash counts. After the last one the message is refused without another look at its text.
 *
 * <p>An outage condemns no message: nothing is tried alone unless writer and database answer at
 * that moment, and a stop in order gives the try back, as does what the guard's owner calls an
 * outage. Another one that begins in mid-try counts once.
 *
 * <p>For one consumer's thread at a time. Errors: as of {@link AttemptStore}; then nothing of the
 * batch may be acknowledged.
 */
final class RedeliveryGuard {
  private static final Logger LOG = Logger.getLogger(RedeliveryGuard.class.getName());

  private final Function<List<LegacyMessage>, List<LegacyOutcome>> processor;
  private final AttemptStore store;
  private final BooleanSupplier sound;
  private final Predicate<ErrorCode> outage;
  private final Clock clock;
  private final int maxTries;

  /**
   * A guard.
   *
   * @param processor gives each message of a batch its outcome; what follows one that is postponed
   *     is postponed
   * @param sound whether what the processor works with answers at this moment
   * @param outage whether a message that is postponed with this code cannot be the reason of it,
   *     though all was sound before: its try does not count
   * @param maxTries tries of a message on its own, at least 1
   */
  RedeliveryGuard(
      Function<List<LegacyMessage>, List<LegacyOutcome>> processor,
      AttemptStore store,
      BooleanSupplier sound,
      Predicate<ErrorCode> outage,
      Clock clock,
      int maxTries) {
    this.processor = processor;
    this.store = store;
    this.sound = sound;
    this.outage = outage;
    this.clock = clock;
    this.maxTries = maxTries;
  }

  /** The outcome of each message, in their order. */
  List<LegacyOutcome> process(List<LegacyMessage> batch) {
    List<String> again =
        batch.stream().filter(RedeliveryGuard::redelivered).map(LegacyMessage::messageId).toList();
    if (again.isEmpty()) {
      return processor.apply(batch);
    }
    Map<String, Attempts> known = store.find(again);
    store.suspect(again, clock.instant());
    Round round = new Round(known);
    for (int from = 0; from < batch.size(); ) {
      int to = endOfRun(batch, from, known);
      List<LegacyMessage> run = batch.subList(from, to);
      if (round.held) {
        run.forEach(round::hold);
      } else if (known.containsKey(run.getFirst().messageId())) {
        round.alone(run.getFirst());
      } else {
        processor.apply(run).forEach(round::record);
      }
      from = to;
    }
    store.forget(round.done);
    return round.outcomes;
  }

  /** Forgets what was last tried before the instant. */
  void prune(Instant before) {
    store.prune(before);
  }

  private static boolean redelivered(LegacyMessage message) {
    return message.deliveries() > 1;
  }

  /** A suspect is a run of its own; all others up to the next suspect are one. */
  private static int endOfRun(List<LegacyMessage> batch, int from, Map<String, Attempts> known) {
    int to = from + 1;
    if (!known.containsKey(batch.get(from).messageId())) {
      while (to < batch.size() && !known.containsKey(batch.get(to).messageId())) {
        to++;
      }
    }
    return to;
  }

  /** One pass over a batch. */
  private final class Round {
    private final Map<String, Attempts> known;
    private final List<LegacyOutcome> outcomes = new ArrayList<>();
    private final Collection<String> done = new ArrayList<>();
    private boolean held;

    /** Whether something took effect a moment ago, which proves more than a question. */
    private boolean proven;

    Round(Map<String, Attempts> known) {
      this.known = known;
    }

    private void record(LegacyOutcome outcome) {
      outcomes.add(outcome);
      switch (outcome) {
        case LegacyOutcome.Postponed not -> held = true;
        case LegacyOutcome.Applied it -> {
          proven = true;
          settle(it.message());
        }
        case LegacyOutcome.Stored it -> {
          proven = true;
          settle(it.message());
        }
        case LegacyOutcome.Refused not -> settle(not.message());
      }
    }

    private void settle(LegacyMessage message) {
      if (redelivered(message)) {
        done.add(message.messageId());
      }
    }

    private void hold(LegacyMessage message) {
      outcomes.add(
          new LegacyOutcome.Postponed(
              message, null, ErrorCode.TIMEOUT, "held back behind an earlier message"));
    }

    private void alone(LegacyMessage message) {
      Attempts before = known.getOrDefault(message.messageId(), new Attempts(0, null, null));
      if (before.tries() >= maxTries) {
        // Not settled: it stays known until its letter is surely kept.
        outcomes.add(givenUp(message, before));
        return;
      }
      if (!proven && !sound.getAsBoolean()) {
        held = true;
        hold(message);
        return;
      }
      store.begin(message.messageId(), List.copyOf(done), clock.instant());
      done.clear();
      LegacyOutcome outcome = tried(message);
      if (!(outcome instanceof LegacyOutcome.Postponed not)) {
        record(outcome);
        return;
      }
      if (Thread.interrupted()) {
        try {
          store.excuse(message.messageId());
        } finally {
          Thread.currentThread().interrupt();
        }
        record(not);
        return;
      }
      if (outage.test(not.code())) {
        store.excuse(message.messageId());
        record(not);
        return;
      }
      store.failed(message.messageId(), not.code(), not.detail());
      Attempts after = new Attempts(before.tries() + 1, not.code(), not.detail());
      if (after.tries() >= maxTries) {
        outcomes.add(givenUp(message, after));
        proven = false;
      } else {
        record(not);
      }
    }

    private LegacyOutcome tried(LegacyMessage message) {
      try {
        return processor.apply(List.of(message)).getFirst();
      } catch (RuntimeException | StackOverflowError e) {
        CorrelationId.during(
            CorrelationId.ofMessage(message.messageId()),
            () -> LOG.log(Level.WARNING, "a fault while the message was tried alone", e));
        return new LegacyOutcome.Postponed(message, null, ErrorCode.INTERNAL, "a fault: " + e);
      }
    }
  }

  private static LegacyOutcome givenUp(LegacyMessage message, Attempts attempts) {
    @Nullable ErrorCode code = attempts.code();
    return new LegacyOutcome.Refused(
        message,
        null,
        code == null ? ErrorCode.INTERNAL : code,
        "given up after %d tries on its own: %s"
            .formatted(
                attempts.tries(),
                code == null
                    ? "each ended with the server"
                    : "the last one that came to an end said " + attempts.detail()));
  }
}
