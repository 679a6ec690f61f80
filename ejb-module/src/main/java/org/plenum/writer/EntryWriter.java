package org.plenum.writer;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.plenum.group.api.Actor;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandAnswer.Accepted;
import org.plenum.group.api.CommandAnswer.Rejected;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupEvent;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupProjection;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.Membership;
import org.plenum.group.domain.MessageFacts;
import org.plenum.platform.ErrorCode;
import org.plenum.update.EntryCodec;
import org.plenum.update.Update;
import org.plenum.writer.GroupStore.EntryKey;
import org.plenum.writer.ReplayTable.Written;
import org.plenum.writer.WriteBatch.Amendment;
import org.plenum.writer.WriteBatch.MemberKey;

/**
 * Makes entries of decisions: encodes them, gives them their sequences and revisions, and lays what
 * they change over the open batch. Confined to the writer's thread.
 */
final class EntryWriter {
  private static final Actor SYSTEM = new Actor(0, "Plenum");

  private final EntryCodec codec;

  EntryWriter(EntryCodec codec) {
    this.codec = codec;
  }

  /**
   * Writes the events of an accepted command.
   *
   * @param hash fingerprint of the command
   */
  CommandAnswer write(
      OpenBatch open, CommandEnvelope envelope, List<GroupEvent> events, long hash, Instant now) {
    GroupId id = envelope.group();
    Actor by = envelope.actor();
    UUID clientId = envelope.clientId();
    GroupState state = open.groups.get(id);
    boolean existed = state != null;
    // Everything that can fail comes first; the overlay changes only after it.
    List<WriteBatch.Row> rows = new ArrayList<>(events.size());
    List<GroupProjection.MemberChange> changes = new ArrayList<>();
    Map<Long, Optional<Membership>> seen = new HashMap<>();
    long seq = state == null ? 0 : state.headSeq();
    long no = state == null ? 0 : state.headNo();
    long revision = open.revision;
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
              account -> seen.getOrDefault(account, open.member(new MemberKey(id, account))),
              by,
              now,
              event)) {
        changes.add(change);
        seen.put(change.accountId(), Optional.ofNullable(change.after()));
      }
      rows.add(row(open, envelope, event, json, seq, no, revision, first, hash, now));
      first = false;
    }
    if (state == null) {
      throw new IllegalStateException("an accepted command without events");
    }
    apply(open, id, state, existed, rows, changes, events, now);
    open.revision = revision;
    // The client id is stored with the first entry: the answer names that one, now and at every
    // replay.
    Update answered = rows.getFirst().update();
    open.written.put(clientId, new Written(id, answered.seq(), answered.no(), now, hash));
    return new Accepted(id, answered.seq(), answered.no(), revision, now, false);
  }

  private static WriteBatch.Row row(
      OpenBatch open,
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
            open.epoch,
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

  private static void apply(
      OpenBatch open,
      GroupId id,
      GroupState state,
      boolean existed,
      List<WriteBatch.Row> rows,
      Collection<GroupProjection.MemberChange> changes,
      List<GroupEvent> events,
      Instant now) {
    WriteBatch batch = open.batch;
    batch.rows.addAll(rows);
    for (WriteBatch.Row row : rows) {
      open.numbers.put(new EntryKey(id, row.update().seq()), row.update().no());
    }
    boolean messagesOnly = true;
    for (int i = 0; i < events.size(); i++) {
      Update update = rows.get(i).update();
      switch (events.get(i)) {
        case GroupEvent.MessagePosted posted ->
            open.messages.put(
                new EntryKey(id, update.seq()),
                Optional.of(
                    new MessageFacts(update.seq(), update.kind(), update.actorId(), false)));
        case GroupEvent.MessageEdited edited ->
            batch.amendments.add(new Amendment(id, edited.target(), edited.text(), now));
        case GroupEvent.MessageRecalled recalled -> {
          batch.amendments.add(new Amendment(id, recalled.target(), null, now));
          open.messages.computeIfPresent(
              new EntryKey(id, recalled.target()),
              (key, facts) ->
                  facts.map(f -> new MessageFacts(f.seq(), f.kind(), f.authorId(), true)));
        }
        default -> messagesOnly = false;
      }
    }
    open.groups.put(id, state);
    if (!existed || batch.newGroups.containsKey(id)) {
      batch.newGroups.put(id, state);
      if (state.key() != null) {
        open.takenKeys.add(state.key());
      }
    } else if (!messagesOnly) {
      batch.changedGroups.put(id, state);
    }
    for (GroupProjection.MemberChange change : changes) {
      MemberKey key = new MemberKey(id, change.accountId());
      batch.putMember(key, open.member(key).isPresent(), change.after());
      open.members.put(key, Optional.ofNullable(change.after()));
    }
  }

  /** Moves a member's read mark; one that lies behind the present one changes nothing. */
  CommandAnswer mark(OpenBatch open, CommandEnvelope envelope, long wanted, Instant now) {
    GroupId id = envelope.group();
    MemberKey key = new MemberKey(id, envelope.actor().id());
    GroupState state = open.groups.get(id);
    Membership member = open.member(key).orElse(null);
    if (state == null || member == null) {
      return new Rejected(ErrorCode.NOT_A_MEMBER, ErrorCode.NOT_A_MEMBER.title());
    }
    long seq = Math.min(wanted, state.headSeq());
    Long number =
        seq == state.headSeq()
            ? Long.valueOf(state.headNo())
            : open.numbers.get(new EntryKey(id, seq));
    if (seq <= member.readSeq() || number == null) {
      return new Accepted(id, member.readSeq(), member.readNo(), open.revision, now, false);
    }
    Membership after = GroupProjection.marked(member, seq, number);
    long revision = open.revision + 1;
    open.batch.rows.add(
        new WriteBatch.Row(
            new Update(
                revision,
                open.epoch,
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
    open.revision = revision;
    open.batch.putMember(key, true, after);
    open.members.put(key, Optional.of(after));
    return new Accepted(id, seq, number, revision, now, false);
  }

  /**
   * Takes old entries of a group out of the database with the batch's commit, as an entry of the
   * group's stream.
   *
   * @param known the group as it is in the database
   */
  void trim(OpenBatch open, GroupId id, GroupState known, long upTo, Instant now) {
    open.groups.put(id, known);
    GroupEvent event = new GroupEvent.HistoryTrimmed(upTo);
    long seq = known.headSeq() + 1;
    long revision = open.revision + 1;
    byte[] json = codec.encode(seq, known.headNo(), now, SYSTEM, null, event);
    GroupState after = GroupProjection.apply(known, id, SYSTEM, seq, known.headNo(), now, event);
    Update update =
        new Update(revision, open.epoch, id, seq, event.kind(), 0, 0, upTo, known.headNo(), json);
    apply(
        open,
        id,
        after,
        true,
        List.of(new WriteBatch.Row(update, now, null, null)),
        List.of(),
        List.of(event),
        now);
    open.revision = revision;
    open.disk = true;
  }
}
