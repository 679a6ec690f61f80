package org.plenum.writer;

import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.Actor;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandAnswer.Accepted;
import org.plenum.group.api.CommandAnswer.Rejected;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.Durability;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupEvent;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupProjection;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.Membership;
import org.plenum.group.domain.Decision;
import org.plenum.group.domain.GroupDecider;
import org.plenum.group.domain.MessageFacts;
import org.plenum.platform.CorrelationId;
import org.plenum.platform.ErrorCode;
import org.plenum.update.EntryCodec;
import org.plenum.update.Update;
import org.plenum.writer.GroupStore.Earlier;
import org.plenum.writer.GroupStore.EntryKey;
import org.plenum.writer.GroupStore.Trim;
import org.plenum.writer.StoreException.Fault;
import org.plenum.writer.WriteBatch.Amendment;
import org.plenum.writer.WriteBatch.MemberKey;

/**
 * Decides and commits batches (GRP-4). Holds the heads and members of active groups in memory; what
 * a batch changes lives in an overlay until the commit, so a failed batch leaves the memory as it
 * was. Confined to the writer's thread.
 *
 * <p>Answers: a DISK command is answered by the {@link Committed} that {@link #flush()} returns; a
 * MEMORY command as soon as it is decided; a rejection after the commit as well, since it may rest
 * on a change of the same batch. A command that was written before gets its first answer again.
 */
final class WriterCore {
  private static final Logger LOG = Logger.getLogger(WriterCore.class.getName());
  private static final Actor SYSTEM = new Actor(0, "Plenum");
  private static final Rejected NOT_STORED =
      new Rejected(ErrorCode.INTERNAL, "the command could not be stored");

  /** An answer to be given once the batch is committed. */
  record Answered(PendingCommand command, CommandAnswer answer) {}

  /** What a commit made visible. */
  record Committed(List<Update> updates, List<Answered> answers) {}

  private record Recent(GroupId group, long seq, long no, Instant at, long hash) {}

  private final GroupStore store;
  private final GroupDecider decider;
  private final EntryCodec codec;
  private final Clock clock;
  private final WriterConfig config;
  private final Fingerprint fingerprint = new Fingerprint();

  private final BoundedMap<GroupId, GroupState> groups;
  private final BoundedMap<MemberKey, Optional<Membership>> members;
  private final BoundedMap<UUID, Recent> recents;

  private long epoch;
  private long committedRevision;
  private Overlay overlay;
  private BooleanSupplier leased = () -> true;

  WriterCore(
      GroupStore store, GroupDecider decider, EntryCodec codec, Clock clock, WriterConfig config) {
    this.store = store;
    this.decider = decider;
    this.codec = codec;
    this.clock = clock;
    this.config = config;
    this.groups = new BoundedMap<>(config.groupCache());
    this.members = new BoundedMap<>(config.memberCache());
    this.recents = new BoundedMap<>(config.recentIds());
    this.overlay = new Overlay(0);
  }

  /** The open batch: what would become true with its commit. */
  private static final class Overlay {
    final WriteBatch batch = new WriteBatch();
    final Map<GroupId, GroupState> groups = new HashMap<>();
    final Map<MemberKey, Optional<Membership>> members = new HashMap<>();
    final Map<EntryKey, Optional<MessageFacts>> messages = new HashMap<>();
    final Map<EntryKey, Long> numbers = new HashMap<>();
    final Map<UUID, Recent> recents = new HashMap<>();
    final Set<String> takenKeys = new HashSet<>();
    final List<PendingCommand> commands = new ArrayList<>();
    final List<Answered> answers = new ArrayList<>();
    long revision;
    boolean disk;
    @Nullable Instant oldestMemory;

    Overlay(long revision) {
      this.revision = revision;
    }
  }

  /** Says how to find out, without asking the database, whether the lease holds surely. */
  void trustWhile(BooleanSupplier leaseHolds) {
    leased = leaseHolds;
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
    groups.clear();
    members.clear();
    recents.clear();
    long last = store.lastRevision();
    if (last < committedRevision) {
      LOG.severe(
          "the database lost the updates " + (last + 1) + " to " + committedRevision + " of ours");
      throw new StoreException(Fault.FENCED, "the database went back to revision " + last, null);
    }
    committedRevision = last;
    overlay = new Overlay(committedRevision);
  }

  /** Drops the open batch only. */
  private void rewind() {
    overlay = new Overlay(committedRevision);
  }

  /** The last revision in the database as far as this writer knows. */
  long committedRevision() {
    return committedRevision;
  }

  /** Commands of the open batch, for another try after a failure. */
  List<PendingCommand> open() {
    return List.copyOf(overlay.commands);
  }

  int openRows() {
    return overlay.batch.rows.size();
  }

  /** Since when the oldest MEMORY write waits for its commit, or null. */
  @Nullable Instant oldestMemory() {
    return overlay.oldestMemory;
  }

  boolean hasOpen() {
    return !overlay.commands.isEmpty();
  }

  /** Whether the open batch must be committed now. */
  boolean due() {
    Instant oldest = overlay.oldestMemory;
    Instant now = clock.instant();
    // A clock that was set back must not stretch the loss window by what it was set back.
    return overlay.disk
        || overlay.batch.rows.size() >= config.batch()
        || (!overlay.commands.isEmpty()
            && (oldest == null
                || now.isBefore(oldest)
                || !now.isBefore(oldest.plus(config.memoryFlush()))));
  }

  /** Decides commands into the open batch. */
  void accept(List<PendingCommand> commands) {
    // First remember them all: whatever fails from here on, the open batch knows whom it owes an
    // answer.
    overlay.commands.addAll(commands);
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    prefetch(commands);
    lookUpReplaysBesideMemory(commands);
    List<PendingCommand> doubtful = new ArrayList<>();
    for (PendingCommand command : commands) {
      CommandEnvelope envelope = command.envelope();
      CommandAnswer answer;
      try {
        answer = decide(envelope, now);
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
      overlay.answers.add(new Answered(command, answer));
      // Without the lease, another writer may have given the sequence away: then only the commit,
      // which is fenced, can acknowledge.
      if (envelope.durability() == Durability.MEMORY
          && answer instanceof Accepted
          && leased.getAsBoolean()) {
        if (overlay.oldestMemory == null) {
          overlay.oldestMemory = now;
        }
        command.answer().complete(answer);
      } else {
        overlay.disk = true;
      }
    }
    settleReplays(doubtful);
  }

  /**
   * A MEMORY write is acknowledged before the UNIQUE constraint has spoken, so where one is in the
   * batch every client id is looked up first: a replay found later would move sequences that were
   * already given away.
   */
  private void lookUpReplaysBesideMemory(List<PendingCommand> commands) {
    boolean memory =
        overlay.oldestMemory != null
            || commands.stream()
                .anyMatch(each -> each.envelope().durability() == Durability.MEMORY);
    if (!memory) {
      return;
    }
    List<UUID> unknown =
        overlay.commands.stream()
            .filter(each -> !(each.envelope().command() instanceof GroupCommand.MarkRead))
            .map(each -> each.envelope().clientId())
            .filter(id -> !overlay.recents.containsKey(id) && !recents.containsKey(id))
            .toList();
    store.byClientIds(unknown).forEach(this::remember);
  }

  private void remember(UUID id, Earlier found) {
    overlay.recents.put(
        id, new Recent(found.group(), found.seq(), found.no(), found.at(), found.requestHash()));
  }

  /** A rejected command may be the replay of an accepted one: joining twice, say. */
  private void settleReplays(List<PendingCommand> doubtful) {
    if (doubtful.isEmpty()) {
      return;
    }
    Map<UUID, Earlier> earlier =
        store.byClientIds(doubtful.stream().map(each -> each.envelope().clientId()).toList());
    if (earlier.isEmpty()) {
      return;
    }
    overlay.answers.replaceAll(
        answered -> {
          Earlier found = earlier.get(answered.command().envelope().clientId());
          return found == null || !(answered.answer() instanceof Rejected)
              ? answered
              : new Answered(
                  answered.command(),
                  replay(
                      answered.command().envelope(),
                      new Recent(
                          found.group(),
                          found.seq(),
                          found.no(),
                          found.at(),
                          found.requestHash())));
        });
  }

  /**
   * Commits the open batch.
   *
   * @throws StoreException as thrown by the store; the open batch is unchanged, see {@link #open()}
   */
  Committed flush() {
    Overlay done = overlay;
    int lease = Math.toIntExact(config.lease().toSeconds());
    if (!done.batch.isEmpty()) {
      store.commit(done.batch, epoch, lease);
    } else if (!done.answers.isEmpty() && !leased.getAsBoolean() && !store.renew(epoch, lease)) {
      // Decided from a memory that another writer may have made wrong.
      throw new StoreException(Fault.FENCED, "epoch " + epoch + " was taken over", null);
    }
    committedRevision = done.revision;
    groups.putAll(done.groups);
    members.putAll(done.members);
    recents.putAll(done.recents);
    overlay = new Overlay(committedRevision);
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
    Map<UUID, Earlier> earlier =
        store.byClientIds(commands.stream().map(each -> each.envelope().clientId()).toList());
    earlier.forEach(this::remember);
    accept(commands);
  }

  private void acceptKnown(PendingCommand command) {
    Map<UUID, Earlier> earlier = store.byClientIds(List.of(command.envelope().clientId()));
    earlier.forEach(this::remember);
    accept(List.of(command));
  }

  private static Rejected refused(CommandEnvelope envelope, StoreException e) {
    if (e.getCause() instanceof SQLException
        && envelope.command() instanceof GroupCommand.CreateGroup create
        && create.key() != null) {
      return new Rejected(ErrorCode.GROUP_KEY_TAKEN, ErrorCode.GROUP_KEY_TAKEN.title());
    }
    return NOT_STORED;
  }

  private void prefetch(List<PendingCommand> commands) {
    Set<GroupId> groupIds = new HashSet<>();
    Set<MemberKey> memberKeys = new HashSet<>();
    Set<EntryKey> messageKeys = new HashSet<>();
    Set<String> keys = new HashSet<>();
    for (PendingCommand pending : commands) {
      CommandEnvelope envelope = pending.envelope();
      GroupId id = envelope.group();
      if (envelope.command() instanceof GroupCommand.CreateGroup create) {
        if (create.key() != null) {
          keys.add(create.key());
        }
        continue;
      }
      if (!overlay.groups.containsKey(id)) {
        GroupState known = groups.get(id);
        if (known != null) {
          overlay.groups.put(id, known);
        } else {
          groupIds.add(id);
        }
      }
      for (long account : GroupDecider.accountsNeeded(envelope)) {
        MemberKey key = new MemberKey(id, account);
        if (!overlay.members.containsKey(key)) {
          Optional<Membership> known = members.get(key);
          if (known != null) {
            overlay.members.put(key, known);
          } else {
            memberKeys.add(key);
          }
        }
      }
      for (long seq : GroupDecider.messagesNeeded(envelope)) {
        EntryKey key = new EntryKey(id, seq);
        if (!overlay.messages.containsKey(key)) {
          messageKeys.add(key);
        }
      }
    }
    overlay.groups.putAll(store.groups(groupIds));
    addOwners(commands, memberKeys);
    Map<MemberKey, Membership> loaded = store.members(memberKeys);
    for (MemberKey key : memberKeys) {
      overlay.members.put(key, Optional.ofNullable(loaded.get(key)));
    }
    Map<EntryKey, MessageFacts> facts = store.messages(messageKeys);
    for (EntryKey key : messageKeys) {
      overlay.messages.put(key, Optional.ofNullable(facts.get(key)));
    }
    overlay.takenKeys.addAll(store.takenKeys(keys));
    prefetchNumbers(commands);
  }

  /** Ownership moves on two rows: the owner's membership is needed even when somebody else asks. */
  private void addOwners(List<PendingCommand> commands, Set<MemberKey> memberKeys) {
    for (PendingCommand pending : commands) {
      if (pending.envelope().command() instanceof GroupCommand.TransferOwnership) {
        GroupState state = overlay.groups.get(pending.envelope().group());
        if (state != null) {
          MemberKey key = new MemberKey(state.id(), state.ownerId());
          if (!overlay.members.containsKey(key)) {
            Optional<Membership> known = members.get(key);
            if (known != null) {
              overlay.members.put(key, known);
            } else {
              memberKeys.add(key);
            }
          }
        }
      }
    }
  }

  private void prefetchNumbers(List<PendingCommand> commands) {
    Set<EntryKey> wanted = new HashSet<>();
    for (PendingCommand pending : commands) {
      if (pending.envelope().command() instanceof GroupCommand.MarkRead mark) {
        GroupState state = overlay.groups.get(pending.envelope().group());
        if (state != null) {
          // The head of now may be behind a post of this very batch when the mark is decided.
          overlay.numbers.put(new EntryKey(state.id(), state.headSeq()), state.headNo());
          EntryKey key = new EntryKey(state.id(), mark.seq());
          if (mark.seq() > 0 && mark.seq() < state.headSeq() && !overlay.numbers.containsKey(key)) {
            wanted.add(key);
          }
        }
      }
    }
    overlay.numbers.putAll(store.numbers(wanted));
  }

  private CommandAnswer decide(CommandEnvelope envelope, Instant now) {
    GroupId id = envelope.group();
    boolean marking = envelope.command() instanceof GroupCommand.MarkRead;
    long hash = 0;
    if (!marking) {
      Recent recent = overlay.recents.get(envelope.clientId());
      if (recent == null) {
        recent = recents.get(envelope.clientId());
      }
      if (recent != null) {
        return replay(envelope, recent);
      }
      hash = fingerprint.of(envelope);
    }
    if (envelope.command() instanceof GroupCommand.CreateGroup create
        && create.key() != null
        && overlay.takenKeys.contains(create.key())) {
      return new Rejected(ErrorCode.GROUP_KEY_TAKEN, "the key " + create.key() + " is taken");
    }
    Decision decision =
        decider.decide(
            overlay.groups.get(id),
            account -> member(new MemberKey(id, account)),
            seq -> overlay.messages.getOrDefault(new EntryKey(id, seq), Optional.empty()),
            envelope,
            now);
    return switch (decision) {
      case Decision.Rejected rejected -> new Rejected(rejected.code(), rejected.detail());
      case Decision.Marked marked -> mark(envelope, marked.seq(), now);
      case Decision.Accepted accepted -> write(envelope, accepted.events(), hash, now);
    };
  }

  private Optional<Membership> member(MemberKey key) {
    Optional<Membership> known = overlay.members.get(key);
    if (known == null) {
      known = members.get(key);
    }
    return known == null ? Optional.empty() : known;
  }

  private CommandAnswer replay(CommandEnvelope envelope, Recent recent) {
    if (recent.hash() != fingerprint.of(envelope)) {
      return new Rejected(
          ErrorCode.CLIENT_ID_REUSED,
          "client id " + envelope.clientId() + " was used for another write");
    }
    return new Accepted(
        recent.group(), recent.seq(), recent.no(), overlay.revision, recent.at(), true);
  }

  private CommandAnswer write(
      CommandEnvelope envelope, List<GroupEvent> events, long hash, Instant now) {
    GroupId id = envelope.group();
    Actor by = envelope.actor();
    UUID clientId = envelope.clientId();
    GroupState state = overlay.groups.get(id);
    boolean existed = state != null;
    // Everything that can fail comes first; the overlay changes only after it.
    List<WriteBatch.Row> rows = new ArrayList<>(events.size());
    List<GroupProjection.MemberChange> changes = new ArrayList<>();
    Map<Long, Optional<Membership>> seen = new HashMap<>();
    long seq = state == null ? 0 : state.headSeq();
    long no = state == null ? 0 : state.headNo();
    long revision = overlay.revision;
    boolean first = true;
    for (GroupEvent event : events) {
      seq++;
      no += event.kind() == EntryKind.MESSAGE_POSTED ? 1 : 0;
      revision++;
      byte[] json = codec.encode(seq, no, now, by, first ? clientId : null, event);
      state = GroupProjection.apply(state, id, by, seq, no, now, event);
      for (GroupProjection.MemberChange change :
          GroupProjection.memberChanges(
              state,
              account -> seen.getOrDefault(account, member(new MemberKey(id, account))),
              by,
              now,
              event)) {
        changes.add(change);
        seen.put(change.accountId(), Optional.ofNullable(change.after()));
      }
      rows.add(row(envelope, event, json, seq, no, revision, first, hash, now));
      first = false;
    }
    if (state == null) {
      throw new IllegalStateException("an accepted command without events");
    }
    apply(id, state, existed, rows, changes, events, now);
    overlay.revision = revision;
    // The client id is stored with the first entry: the answer names that one, now and at every
    // replay.
    Update answered = rows.getFirst().update();
    overlay.recents.put(clientId, new Recent(id, answered.seq(), answered.no(), now, hash));
    return new Accepted(id, answered.seq(), answered.no(), revision, now, false);
  }

  private WriteBatch.Row row(
      CommandEnvelope envelope,
      GroupEvent event,
      byte[] json,
      long seq,
      long no,
      long revision,
      boolean first,
      long hash,
      Instant now) {
    long subject = event instanceof GroupEvent.MemberChanged changed ? changed.subject().id() : 0;
    return new WriteBatch.Row(
        new Update(
            revision,
            epoch,
            envelope.group(),
            seq,
            event.kind(),
            envelope.actor().id(),
            subject,
            target(event),
            no,
            json),
        now,
        first ? envelope.clientId() : null,
        first ? hash : null);
  }

  private static long target(GroupEvent event) {
    return switch (event) {
      case GroupEvent.MessageEdited edited -> edited.target();
      case GroupEvent.MessageRecalled recalled -> recalled.target();
      case GroupEvent.HistoryTrimmed trimmed -> trimmed.upTo();
      default -> 0;
    };
  }

  private void apply(
      GroupId id,
      GroupState state,
      boolean existed,
      List<WriteBatch.Row> rows,
      Collection<GroupProjection.MemberChange> changes,
      List<GroupEvent> events,
      Instant now) {
    WriteBatch batch = overlay.batch;
    batch.rows.addAll(rows);
    for (WriteBatch.Row row : rows) {
      overlay.numbers.put(new EntryKey(id, row.update().seq()), row.update().no());
    }
    boolean messagesOnly = true;
    for (int i = 0; i < events.size(); i++) {
      Update update = rows.get(i).update();
      switch (events.get(i)) {
        case GroupEvent.MessagePosted posted ->
            overlay.messages.put(
                new EntryKey(id, update.seq()),
                Optional.of(
                    new MessageFacts(update.seq(), update.kind(), update.actorId(), false)));
        case GroupEvent.MessageEdited edited ->
            batch.amendments.add(new Amendment(id, edited.target(), edited.text(), now));
        case GroupEvent.MessageRecalled recalled -> {
          batch.amendments.add(new Amendment(id, recalled.target(), null, now));
          overlay.messages.computeIfPresent(
              new EntryKey(id, recalled.target()),
              (key, facts) ->
                  facts.map(f -> new MessageFacts(f.seq(), f.kind(), f.authorId(), true)));
        }
        default -> messagesOnly = false;
      }
    }
    overlay.groups.put(id, state);
    if (!existed || batch.newGroups.containsKey(id)) {
      batch.newGroups.put(id, state);
      if (state.key() != null) {
        overlay.takenKeys.add(state.key());
      }
    } else if (!messagesOnly) {
      batch.changedGroups.put(id, state);
    }
    for (GroupProjection.MemberChange change : changes) {
      MemberKey key = new MemberKey(id, change.accountId());
      batch.putMember(key, member(key).isPresent(), change.after());
      overlay.members.put(key, Optional.ofNullable(change.after()));
    }
  }

  private CommandAnswer mark(CommandEnvelope envelope, long wanted, Instant now) {
    GroupId id = envelope.group();
    MemberKey key = new MemberKey(id, envelope.actor().id());
    GroupState state = overlay.groups.get(id);
    Membership member = member(key).orElse(null);
    if (state == null || member == null) {
      return new Rejected(ErrorCode.NOT_A_MEMBER, ErrorCode.NOT_A_MEMBER.title());
    }
    long seq = Math.min(wanted, state.headSeq());
    Long number =
        seq == state.headSeq()
            ? Long.valueOf(state.headNo())
            : overlay.numbers.get(new EntryKey(id, seq));
    if (seq <= member.readSeq() || number == null) {
      return new Accepted(id, member.readSeq(), member.readNo(), overlay.revision, now, false);
    }
    Membership after = GroupProjection.marked(member, seq, number);
    long revision = overlay.revision + 1;
    overlay.batch.rows.add(
        new WriteBatch.Row(
            new Update(
                revision,
                epoch,
                id,
                0,
                EntryKind.READ_MARKED,
                envelope.actor().id(),
                0,
                seq,
                number,
                new byte[0]),
            now,
            null,
            null));
    overlay.revision = revision;
    overlay.batch.putMember(key, true, after);
    overlay.members.put(key, Optional.of(after));
    return new Accepted(id, seq, number, revision, now, false);
  }

  /** Takes old entries of a group out of the open batch's database, as an entry of its stream. */
  void trim(Trim trim) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    GroupId id = trim.group();
    GroupState state = overlay.groups.get(id);
    if (state == null) {
      state = store.groups(List.of(id)).get(id);
    }
    if (state == null || trim.upTo() < state.firstSeq() || trim.upTo() >= state.headSeq()) {
      return;
    }
    overlay.groups.put(id, state);
    GroupEvent event = new GroupEvent.HistoryTrimmed(trim.upTo());
    long seq = state.headSeq() + 1;
    long revision = overlay.revision + 1;
    byte[] json = codec.encode(seq, state.headNo(), now, SYSTEM, null, event);
    GroupState after = GroupProjection.apply(state, id, SYSTEM, seq, state.headNo(), now, event);
    Update update =
        new Update(revision, epoch, id, seq, event.kind(), 0, 0, trim.upTo(), state.headNo(), json);
    apply(
        id,
        after,
        true,
        List.of(new WriteBatch.Row(update, now, null, null)),
        List.of(),
        List.of(event),
        now);
    overlay.revision = revision;
    overlay.disk = true;
  }
}
