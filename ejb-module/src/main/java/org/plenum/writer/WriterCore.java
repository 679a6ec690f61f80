package org.plenum.writer;

import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandAnswer.Accepted;
import org.plenum.group.api.CommandAnswer.Rejected;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.Durability;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupState;
import org.plenum.group.domain.Decision;
import org.plenum.group.domain.GroupDecider;
import org.plenum.platform.CorrelationId;
import org.plenum.platform.ErrorCode;
import org.plenum.update.EntryCodec;
import org.plenum.update.Update;
import org.plenum.writer.GroupStore.EntryKey;
import org.plenum.writer.GroupStore.Trim;
import org.plenum.writer.ReplayTable.Written;
import org.plenum.writer.StoreException.Fault;
import org.plenum.writer.WriteBatch.MemberKey;

/**
 * Decides and commits batches (GRP-4). Holds the heads and members of active groups in memory; what
 * a batch changes lies over it in the {@link OpenBatch} until the commit, so a failed batch leaves
 * the memory as it was. Confined to the writer's thread, with all that it is made of.
 *
 * <p>Answers: a DISK command is answered by the {@link Committed} that {@link #flush()} returns; a
 * MEMORY command as soon as it is decided; a REPLICA command as a DISK command, by whoever waits
 * for the replica behind the commit; a rejection after the commit as well, since it may rest on a
 * change of the same batch. A command that was written before gets its first answer again.
 */
final class WriterCore {
  private static final Logger LOG = Logger.getLogger(WriterCore.class.getName());
  private static final Rejected NOT_STORED =
      new Rejected(ErrorCode.INTERNAL, "the command could not be stored");

  private static final Rejected NO_REPLICA =
      new Rejected(ErrorCode.REPLICA_NOT_CONFIGURED, "nobody waits for a replica here");

  /** An answer to be given once the batch is committed. */
  record Answered(PendingCommand command, CommandAnswer answer) {
    /** Whether an acceptance is given only when the replica has the write too. */
    boolean forReplica() {
      return command.envelope().durability() == Durability.REPLICA;
    }
  }

  /** What a commit made visible. */
  record Committed(List<Update> updates, List<Answered> answers) {}

  private final GroupStore store;
  private final GroupDecider decider;
  private final Clock clock;
  private final WriterConfig config;
  private final WriterMemory memory;
  private final ReplayTable replays;
  private final CommandPrefetch prefetch;
  private final EntryWriter writer;

  private long epoch;
  private long committedRevision;
  private OpenBatch batch;
  private BooleanSupplier leased = () -> true;
  private Supplier<@Nullable Rejected> replicaRefusal = () -> NO_REPLICA;

  /**
   * Whether commands of durability REPLICA were taken at their first try. The same holds at every
   * further one: sequences behind them may have been given to acknowledged MEMORY writes.
   */
  private final IdentityHashMap<PendingCommand, Optional<Rejected>> replicaVerdicts =
      new IdentityHashMap<>();

  WriterCore(
      GroupStore store, GroupDecider decider, EntryCodec codec, Clock clock, WriterConfig config) {
    this.store = store;
    this.decider = decider;
    this.clock = clock;
    this.config = config;
    this.memory = new WriterMemory(config);
    this.replays = new ReplayTable(store::byClientIds, config.recentIds());
    this.prefetch = new CommandPrefetch(store, memory);
    this.writer = new EntryWriter(codec);
    this.batch = new OpenBatch(memory, 0, 0);
  }

  /** Says how to find out, without asking the database, whether the lease holds surely. */
  void trustWhile(BooleanSupplier leaseHolds) {
    leased = leaseHolds;
  }

  /**
   * Says why a command of durability REPLICA is not taken now, null when it is. Without it none is.
   */
  void refuseReplicaBy(Supplier<@Nullable Rejected> refusal) {
    replicaRefusal = refusal;
  }

  /** Starts an epoch: memory of an earlier one is forgotten. */
  void open(long newEpoch) {
    epoch = newEpoch;
    committedRevision = 0;
    forget();
  }

  /**
   * Drops the open batch and all memory; the next batch reads the database again.
   *
   * @throws StoreException FENCED when the database lost what was committed: what is written from
   *     then on needs an epoch of its own, so that readers can tell the two histories apart
   */
  void forget() {
    memory.clear();
    replays.clear();
    long last = store.lastRevision();
    if (last < committedRevision) {
      LOG.severe(
          "the database lost the updates " + (last + 1) + " to " + committedRevision + " of ours");
      throw new StoreException(Fault.FENCED, "the database went back to revision " + last, null);
    }
    committedRevision = last;
    batch = new OpenBatch(memory, committedRevision, epoch);
  }

  /** Drops the open batch only. */
  private void rewind() {
    batch = new OpenBatch(memory, committedRevision, epoch);
  }

  /** The last revision in the database as far as this writer knows. */
  long committedRevision() {
    return committedRevision;
  }

  /** Commands of the open batch, for another try after a failure. */
  List<PendingCommand> open() {
    return List.copyOf(batch.commands);
  }

  int openRows() {
    return batch.batch.rows.size();
  }

  /** Since when the oldest MEMORY write waits for its commit, or null. */
  @Nullable Instant oldestMemory() {
    return batch.oldestMemory;
  }

  boolean hasOpen() {
    return !batch.commands.isEmpty();
  }

  /** Whether the open batch must be committed now. */
  boolean due() {
    Instant oldest = batch.oldestMemory;
    Instant now = clock.instant();
    // A clock that was set back must not stretch the loss window by what it was set back.
    return batch.disk
        || batch.batch.rows.size() >= config.batch()
        || (!batch.commands.isEmpty()
            && (oldest == null
                || now.isBefore(oldest)
                || !now.isBefore(oldest.plus(config.memoryFlush()))));
  }

  /** Decides commands into the open batch, for the first time. */
  void accept(List<PendingCommand> commands) {
    if (batch.commands.isEmpty() && !replicaVerdicts.isEmpty()) {
      // Whoever they were about has an answer.
      replicaVerdicts.clear();
    }
    take(commands);
  }

  private void take(List<PendingCommand> commands) {
    // First remember them all: whatever fails from here on, the open batch knows whom it owes an
    // answer.
    batch.commands.addAll(commands);
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    prefetch.prefetch(commands, batch);
    replays.lookUpBesideMemory(commands, batch);
    List<PendingCommand> doubtful = new ArrayList<>();
    for (PendingCommand command : commands) {
      CommandEnvelope envelope = command.envelope();
      CommandAnswer answer;
      try {
        answer = decide(command, now);
      } catch (StoreException e) {
        throw e;
      } catch (RuntimeException e) {
        CorrelationId.during(
            envelope.correlation(),
            () ->
                LOG.log(
                    Level.SEVERE,
                    "a command could not be decided: " + envelope.command().getClass(),
                    e));
        answer = new Rejected(ErrorCode.INTERNAL, "the command could not be decided");
      }
      if (answer instanceof Rejected && !(envelope.command() instanceof GroupCommand.MarkRead)) {
        doubtful.add(command);
      }
      batch.answers.add(new Answered(command, answer));
      // Without the lease, another writer may have given the sequence away: then only the commit,
      // which is fenced, can acknowledge.
      if (envelope.durability() == Durability.MEMORY
          && answer instanceof Accepted
          && leased.getAsBoolean()) {
        if (batch.oldestMemory == null) {
          batch.oldestMemory = now;
        }
        command.answer().complete(answer);
      } else {
        batch.disk = true;
      }
    }
    replays.settle(doubtful, batch);
  }

  /**
   * Commits the open batch.
   *
   * @throws StoreException as thrown by the store; the open batch is unchanged, see {@link #open()}
   */
  Committed flush() {
    OpenBatch done = batch;
    int lease = Math.toIntExact(config.lease().toSeconds());
    if (!done.batch.isEmpty()) {
      store.commit(done.batch, epoch, lease);
    } else if (!done.answers.isEmpty()
        && !leased.getAsBoolean()
        && !store.renew(epoch, committedRevision, lease)) {
      // Decided from a memory that another writer may have made wrong.
      throw new StoreException(Fault.FENCED, "epoch " + epoch + " was taken over", null);
    }
    committedRevision = done.revision;
    memory.keep(done);
    replays.keep(done);
    batch = new OpenBatch(memory, committedRevision, epoch);
    return new Committed(
        done.batch.rows.stream().map(WriteBatch.Row::update).toList(), done.answers);
  }

  /**
   * Another try after a failure, one command a transaction: each gets an answer of its own, and
   * those already written get their first answer.
   *
   * @param isolate whether a fault of no known kind is the command's own
   * @throws StoreException FENCED or UNAVAILABLE; commands not in {@code committed} are then still
   *     to be tried
   */
  void oneByOne(List<PendingCommand> commands, List<Committed> committed, boolean isolate) {
    forget();
    for (PendingCommand command : commands) {
      try {
        acceptKnown(command);
        committed.add(flush());
      } catch (StoreException e) {
        if (e.fault() != Fault.REFUSED) {
          throw e;
        }
        rewind();
        CorrelationId.during(
            command.envelope().correlation(),
            () -> LOG.log(Level.WARNING, "the database refused a command", e));
        committed.add(
            new Committed(
                List.of(), List.of(new Answered(command, refused(command.envelope(), e)))));
      } catch (RuntimeException e) {
        if (!isolate) {
          throw e;
        }
        rewind();
        CorrelationId.during(
            command.envelope().correlation(),
            () -> LOG.log(Level.SEVERE, "a command fails every time and is given up", e));
        committed.add(new Committed(List.of(), List.of(new Answered(command, NOT_STORED))));
      }
    }
  }

  /** Another try of a whole batch whose outcome is unknown. */
  void again(List<PendingCommand> commands) {
    forget();
    replays.lookUp(commands, batch);
    take(commands);
  }

  private void acceptKnown(PendingCommand command) {
    replays.lookUp(List.of(command), batch);
    take(List.of(command));
  }

  private static Rejected refused(CommandEnvelope envelope, StoreException e) {
    if (e.getCause() instanceof SQLException
        && envelope.command() instanceof GroupCommand.CreateGroup create
        && create.key() != null) {
      return new Rejected(ErrorCode.GROUP_KEY_TAKEN, ErrorCode.GROUP_KEY_TAKEN.title());
    }
    return NOT_STORED;
  }

  private CommandAnswer decide(PendingCommand command, Instant now) {
    CommandEnvelope envelope = command.envelope();
    GroupId id = envelope.group();
    boolean marking = envelope.command() instanceof GroupCommand.MarkRead;
    long hash = 0;
    if (!marking) {
      Written first = replays.find(envelope.clientId(), batch);
      if (first != null) {
        return replays.replay(envelope, first, batch);
      }
      hash = replays.fingerprint(envelope);
    }
    // What was written before is not refused: its sender is told so once the replica has it.
    if (envelope.durability() == Durability.REPLICA) {
      Optional<Rejected> refusal =
          replicaVerdicts.computeIfAbsent(
              command, first -> Optional.ofNullable(replicaRefusal.get()));
      if (refusal.isPresent()) {
        return refusal.get();
      }
    }
    if (envelope.command() instanceof GroupCommand.CreateGroup create
        && create.key() != null
        && batch.takenKeys.contains(create.key())) {
      return new Rejected(ErrorCode.GROUP_KEY_TAKEN, "the key " + create.key() + " is taken");
    }
    Decision decision =
        decider.decide(
            batch.groups.get(id),
            account -> batch.member(new MemberKey(id, account)),
            seq -> batch.messages.getOrDefault(new EntryKey(id, seq), Optional.empty()),
            envelope,
            now);
    return switch (decision) {
      case Decision.Rejected rejected -> new Rejected(rejected.code(), rejected.detail());
      case Decision.Marked marked -> writer.mark(batch, envelope, marked.seq(), now);
      case Decision.Accepted accepted ->
          writer.write(batch, envelope, accepted.events(), hash, now);
    };
  }

  /** Takes old entries of a group out of the open batch's database, as an entry of its stream. */
  void trim(Trim trim) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    GroupId id = trim.group();
    GroupState state = batch.groups.get(id);
    if (state == null) {
      state = store.groups(List.of(id)).get(id);
    }
    if (state == null || trim.upTo() < state.firstSeq() || trim.upTo() >= state.headSeq()) {
      return;
    }
    writer.trim(batch, id, state, trim.upTo(), now);
  }
}
