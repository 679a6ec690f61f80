package org.plenum.intake;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.Durability;
import org.plenum.group.api.GroupCommandService;
import org.plenum.group.api.GroupId;
import org.plenum.platform.CorrelationId;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/**
 * Takes batches of messages through the writer: many in flight, each group's in their order.
 *
 * <p>Why the order holds: all commands of a round share one deadline and enter the writer's queue
 * in the order of the batch, the writer keeps that order through its own retries and drops by
 * deadline only, and a group's remaining commands are held back as soon as one is turned away at
 * once. What met a transient fault is tried again in place, before anything later of its group; a
 * command that creates a group, or asks for the replica and may be refused while that is away, is
 * answered before the next of that group is sent.
 *
 * <p>A transient fault condemns no message here, however often it was delivered: that is {@link
 * RedeliveryGuard}'s to judge.
 *
 * <p>Thread-safe; a call blocks for at most the patience plus one answer time-out.
 */
public final class LegacyProcessor {
  private static final Logger LOG = Logger.getLogger(LegacyProcessor.class.getName());
  private static final Duration GRACE = Duration.ofSeconds(1);

  /**
   * Bounds.
   *
   * @param answerTimeout how long a command may wait for the writer
   * @param patience how long transient faults are retried in place
   * @param retryPause between two tries
   */
  public record Bounds(Duration answerTimeout, Duration patience, Duration retryPause) {}

  private record Flight(Lane lane, LegacyLetter letter, CompletionStage<CommandAnswer> stage) {}

  private final LegacyDirectory directory;
  private final GroupCommandService commands;
  private final Clock clock;
  private final Bounds bounds;

  /** A processor on these services. */
  public LegacyProcessor(
      LegacyDirectory directory, GroupCommandService commands, Clock clock, Bounds bounds) {
    this.directory = directory;
    this.commands = commands;
    this.clock = clock;
    this.bounds = bounds;
  }

  /**
   * The outcome of each message, in their order. When the thread is interrupted, the rest is
   * postponed.
   */
  public List<LegacyOutcome> process(List<LegacyMessage> batch) {
    @Nullable LegacyOutcome[] outcomes = new LegacyOutcome[batch.size()];
    Map<GroupId, Lane> lanes = new LinkedHashMap<>();
    Map<String, GroupId> creating = new LinkedHashMap<>();
    for (int i = 0; i < batch.size(); i++) {
      LegacyMessage message = batch.get(i);
      LegacyCommand command = null;
      try {
        command = directory.read(message);
        LegacyLetter letter = directory.address(i, message, command, creating);
        lanes.computeIfAbsent(letter.group(), Lane::new).add(letter);
      } catch (ServiceException e) {
        if (!e.code().transientFault()) {
          outcomes[i] = new LegacyOutcome.Refused(message, command, e.code(), e.detail());
        } else {
          // Who or where cannot be looked up at this moment: nothing later may overtake it.
          return postponed(batch, outcomes, e.code(), e.detail());
        }
      }
    }
    run(lanes.values(), outcomes);
    return postponed(batch, outcomes, ErrorCode.TIMEOUT, "held back behind an earlier command");
  }

  private static List<LegacyOutcome> postponed(
      List<LegacyMessage> batch, @Nullable LegacyOutcome[] outcomes, ErrorCode code, String why) {
    for (int i = 0; i < outcomes.length; i++) {
      if (outcomes[i] == null) {
        outcomes[i] = new LegacyOutcome.Postponed(batch.get(i), null, code, why);
      }
    }
    return Arrays.stream(outcomes).map(Objects::requireNonNull).toList();
  }

  private void run(Collection<Lane> lanes, @Nullable LegacyOutcome[] outcomes) {
    Instant patienceEnd = clock.instant().plus(bounds.patience());
    try {
      while (lanes.stream().anyMatch(Lane::active)) {
        Instant deadline = clock.instant().plus(bounds.answerTimeout());
        List<Flight> flights = new ArrayList<>();
        for (Lane lane : lanes) {
          depart(lane, deadline, flights);
        }
        boolean patient = clock.instant().isBefore(patienceEnd);
        boolean faults = false;
        for (Flight flight : flights) {
          faults |= land(flight, deadline, patient, outcomes);
        }
        lanes.forEach(Lane::regroup);
        if (faults) {
          Thread.sleep(bounds.retryPause());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void depart(Lane lane, Instant deadline, List<Flight> flights) {
    boolean open = lane.active();
    while (open) {
      LegacyLetter letter = lane.next();
      if (letter == null) {
        return;
      }
      CompletionStage<CommandAnswer> stage =
          CorrelationId.during(correlation(letter), () -> submit(letter, deadline));
      flights.add(new Flight(lane, letter, stage));
      boolean awaited = letter.creates() || letter.legacy().durability() == Durability.REPLICA;
      open = !awaited && !turnedAway(stage);
    }
  }

  private static String correlation(LegacyLetter letter) {
    return CorrelationId.ofMessage(letter.message().messageId());
  }

  private CompletionStage<CommandAnswer> submit(LegacyLetter letter, Instant deadline) {
    try {
      return commands.submit(
          new CommandEnvelope(
              letter.clientId(),
              directory.groupOf(letter),
              letter.actor(),
              true,
              letter.command(),
              letter.legacy().durability(),
              deadline));
    } catch (ServiceException e) {
      return CompletableFuture.completedFuture(new CommandAnswer.Rejected(e.code(), e.detail()));
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "a command could not be handed to the writer", e);
      return CompletableFuture.completedFuture(
          new CommandAnswer.Rejected(
              ErrorCode.WRITER_UNAVAILABLE, "it could not be handed to the writer"));
    }
  }

  private static boolean turnedAway(CompletionStage<CommandAnswer> stage) {
    return stage.toCompletableFuture().isDone()
        && stage.toCompletableFuture().state() == Future.State.SUCCESS
        && stage.toCompletableFuture().join() instanceof CommandAnswer.Rejected rejected
        && rejected.code().transientFault();
  }

  /** Records the answer; true when the command is to be tried again. */
  private boolean land(
      Flight flight, Instant deadline, boolean patient, @Nullable LegacyOutcome[] outcomes)
      throws InterruptedException {
    LegacyLetter letter = flight.letter();
    switch (await(flight, deadline)) {
      case CommandAnswer.Accepted accepted -> {
        directory.applied(letter, accepted);
        outcomes[letter.index()] =
            new LegacyOutcome.Applied(letter.message(), letter.legacy(), accepted);
      }
      case CommandAnswer.Rejected rejected -> {
        boolean mayRetry = rejected.code().transientFault();
        if (mayRetry && patient) {
          flight.lane().again(letter);
          return true;
        }
        if (mayRetry) {
          outcomes[letter.index()] =
              new LegacyOutcome.Postponed(
                  letter.message(), letter.legacy(), rejected.code(), rejected.detail());
          flight.lane().stop();
        } else {
          outcomes[letter.index()] =
              new LegacyOutcome.Refused(
                  letter.message(), letter.legacy(), rejected.code(), rejected.detail());
        }
      }
    }
    return false;
  }

  private CommandAnswer await(Flight flight, Instant deadline) throws InterruptedException {
    long millis = Duration.between(clock.instant(), deadline).plus(GRACE).toMillis();
    try {
      return flight.stage().toCompletableFuture().get(Math.max(1, millis), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return new CommandAnswer.Rejected(ErrorCode.TIMEOUT, "the writer did not answer in time");
    } catch (ExecutionException e) {
      CorrelationId.during(
          correlation(flight.letter()),
          () -> LOG.log(Level.SEVERE, "the writer's stage failed, which it never should", e));
      return new CommandAnswer.Rejected(ErrorCode.TIMEOUT, "the writer failed to answer");
    }
  }
}
