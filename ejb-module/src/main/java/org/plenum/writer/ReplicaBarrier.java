package org.plenum.writer;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandAnswer.Accepted;
import org.plenum.group.api.CommandAnswer.Rejected;
import org.plenum.group.api.GroupCommand;
import org.plenum.platform.CorrelationId;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.metrics.Meters;
import org.plenum.writer.ReplicaDatabase.Answer;

/**
 * Holds the answers to committed writes of durability REPLICA until the replica has them (GRP-9).
 * The writer does not wait with them, so others' writes go on. What comes while the replica is
 * asked is answered by the next question. Whether the writer still leads does not matter here: the
 * write is committed, and each question looks for it in the database that it asks.
 *
 * <p>{@link #refusal} is for the writer's thread, {@link #run} for a thread of its own; all else
 * for any thread.
 */
final class ReplicaBarrier {
  private static final Logger LOG = Logger.getLogger(ReplicaBarrier.class.getName());
  private static final Duration RETRY = Duration.ofSeconds(2);
  private static final long PROBE_MILLIS = 500;
  private static final long KNOWN_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private static final Rejected NONE =
      new Rejected(
          ErrorCode.REPLICA_NOT_CONFIGURED,
          "the database has no synchronous replica (synchronous_standby_names); use DISK");
  private static final Rejected AWAY =
      new Rejected(
          ErrorCode.REPLICA_AWAY,
          "the replica is not connected or does not confirm; nothing was written",
          RETRY);
  private static final Rejected LATE =
      new Rejected(
          ErrorCode.TIMEOUT,
          "the write is on the disk of the database, and the replica did not confirm it in time; it"
              + " may still take effect there: retry with the same client id",
          RETRY);

  private final ReplicaDatabase replica;
  private final Duration limit;
  private final LongSupplier nanoTime;
  private final BlockingQueue<Waiting> queue;
  private final Meters.Counter late;
  private final Meters.Summary micros;

  /** Those for whom the replica is asked now. */
  private volatile List<Waiting> inHand = List.of();

  /** The replica did not confirm the last time it was asked. */
  private volatile boolean stuck;

  private volatile boolean stopping;

  /** Nobody takes from the queue any more: who puts something in takes it out again. */
  private volatile boolean ended;

  /** Of the writer's thread alone. */
  private ReplicaDatabase.State known = ReplicaDatabase.State.NONE;

  private long knownAt;
  private boolean looked;

  private record Waiting(PendingCommand command, Accepted answer) {
    /** Read positions leave no entry behind, so only the wait stands for them. */
    boolean entered() {
      return !(command.envelope().command() instanceof GroupCommand.MarkRead);
    }

    UUID id() {
      return command.envelope().clientId();
    }
  }

  /**
   * A barrier that nobody waits at yet.
   *
   * @param most answers that wait
   * @param limit of one wait for the replica
   * @param nanoTime the monotone clock
   */
  ReplicaBarrier(
      ReplicaDatabase replica, int most, Duration limit, LongSupplier nanoTime, Meters meters) {
    this.replica = replica;
    this.limit = limit;
    this.nanoTime = nanoTime;
    this.queue = new ArrayBlockingQueue<>(most);
    late =
        meters.counter(
            "writer_replica_late", "Writes of durability REPLICA that were not confirmed in time");
    micros = meters.summary("writer_replica_micros", "Duration of a wait for the replica");
    meters.gauge(
        "writer_replica_waiting",
        "Committed writes that wait for the replica",
        () -> queue.size() + inHand.size());
    meters.gauge(
        "writer_replica_stuck",
        "1 while the replica does not confirm, so that REPLICA writes are refused",
        () -> stuck ? 1 : 0);
  }

  /**
   * Why a write of durability REPLICA is not taken now, null when it is. Asks the database, at most
   * four times a second; one that does not answer is a replica that is away, so that nobody but who
   * asks for it has to wait.
   */
  @Nullable Rejected refusal() {
    long now = nanoTime.getAsLong();
    if (!looked || now - knownAt > KNOWN_NANOS) {
      known = look();
      knownAt = nanoTime.getAsLong();
      looked = true;
    }
    return switch (known) {
      case NONE -> NONE;
      case AWAY -> AWAY;
      case CONNECTED -> stuck ? AWAY : null;
    };
  }

  private ReplicaDatabase.State look() {
    try {
      return replica.state();
    } catch (StoreException e) {
      LOG.log(Level.FINE, "the database does not say how its replica is", e);
      return ReplicaDatabase.State.AWAY;
    }
  }

  /** Answers a committed write once the replica has it, or says that it may not. */
  void await(PendingCommand command, Accepted answer) {
    Waiting waiting = new Waiting(command, answer);
    if (!queue.offer(waiting) || (ended && queue.remove(waiting))) {
      tell(waiting, LATE);
    }
  }

  /** Answers those past their deadline, for the time that the database does not answer at all. */
  void expire(Instant now) {
    queue.removeIf(waiting -> expired(waiting, now));
    inHand.forEach(waiting -> expired(waiting, now));
  }

  private boolean expired(Waiting waiting, Instant now) {
    if (now.isBefore(waiting.command().envelope().deadline())) {
      return false;
    }
    tell(waiting, LATE);
    return true;
  }

  /** The barrier's thread. */
  void run() {
    try {
      while (!stopping || (!queue.isEmpty() && !stuck)) {
        turn();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      abandon();
    }
  }

  private void turn() throws InterruptedException {
    Waiting first = queue.poll(PROBE_MILLIS, TimeUnit.MILLISECONDS);
    if (first != null) {
      List<Waiting> all = new ArrayList<>();
      all.add(first);
      queue.drainTo(all);
      inHand = all;
      ask(all);
      inHand = List.of();
    } else if (stuck && look() == ReplicaDatabase.State.CONNECTED) {
      ask(List.of());
    }
  }

  private void ask(List<Waiting> all) {
    Set<UUID> written = new HashSet<>();
    all.stream().filter(Waiting::entered).map(Waiting::id).forEach(written::add);
    long start = nanoTime.getAsLong();
    Answer answer = asked(written);
    boolean silent = answer instanceof Answer.Silent;
    if (silent && !stuck) {
      LOG.warning("the replica does not confirm writes");
    } else if (!silent && stuck) {
      LOG.info("the replica confirms writes again, or is not waited for any more");
    }
    stuck = silent;
    if (!all.isEmpty()) {
      micros.observe(TimeUnit.NANOSECONDS.toMicros(nanoTime.getAsLong() - start));
    }
    for (Waiting each : all) {
      tell(each, outcome(each, answer));
    }
  }

  private Answer asked(Set<UUID> written) {
    try {
      return replica.ask(written, limit);
    } catch (RuntimeException | Error e) {
      LOG.log(Level.SEVERE, "the replica could not be asked", e);
      return new Answer.Silent();
    }
  }

  private static CommandAnswer outcome(Waiting waiting, Answer answer) {
    return switch (answer) {
      case Answer.Holds holds -> {
        if (!holds.missing().contains(waiting.id())) {
          yield waiting.answer();
        }
        LOG.severe(() -> "the database does not have the committed write " + waiting.id());
        yield LATE;
      }
      case Answer.Silent silent -> LATE;
      // What is written now was taken while there was one.
      case Answer.Absent absent -> waiting.answer().replayed() ? NONE : LATE;
    };
  }

  private void tell(Waiting waiting, CommandAnswer answer) {
    CorrelationId.during(
        waiting.command().envelope().correlation(),
        () -> {
          try {
            if (waiting.command().answer().complete(answer) && answer instanceof Rejected) {
              late.increment();
            }
          } catch (RuntimeException e) {
            LOG.log(Level.SEVERE, "a caller failed on its answer", e);
          }
        });
  }

  /** Ends the thread when nobody waits any more, or nothing is confirmed. */
  void stop() {
    stopping = true;
  }

  /** Whoever still waits is told that the write may take effect. */
  void abandon() {
    ended = true;
    inHand.forEach(waiting -> tell(waiting, LATE));
    for (Waiting left = queue.poll(); left != null; left = queue.poll()) {
      tell(left, LATE);
    }
  }
}
