package org.plenum.group.api;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupEvent.GroupChanged;
import org.plenum.group.api.GroupEvent.GroupCreated;
import org.plenum.group.api.GroupEvent.GroupStatusChanged;
import org.plenum.group.api.GroupEvent.HistoryTrimmed;
import org.plenum.group.api.GroupEvent.MemberChanged;
import org.plenum.group.api.GroupEvent.MessageEdited;
import org.plenum.group.api.GroupEvent.MessagePosted;
import org.plenum.group.api.GroupEvent.MessageRecalled;

/**
 * What an event does to a group and to its memberships: the one rule by which the writer makes new
 * states and the reader follows them (GRP-4, GRP-5). Pure and thread-safe.
 *
 * <p>Errors: {@link IllegalStateException} when an event does not follow from the state it is
 * applied to; that is always a fault in the order of application, never a user's.
 */
public final class GroupProjection {
  private GroupProjection() {}

  /**
   * A membership that an event changed.
   *
   * @param after the membership that now holds, or null when the account is an outsider again
   */
  public record MemberChange(long accountId, @Nullable Membership after) {}

  /**
   * The group after an entry.
   *
   * @param before the group before it, null only for its creation
   * @param seq sequence of the entry, always the next one of the group
   * @param no messages posted up to and including the entry
   */
  public static GroupState apply(
      @Nullable GroupState before,
      GroupId id,
      Actor by,
      long seq,
      long no,
      Instant at,
      GroupEvent event) {
    if (event instanceof GroupCreated created) {
      if (before != null) {
        throw new IllegalStateException("group " + id + " exists");
      }
      return new GroupState(
          id, created.settings(), created.key(), GroupStatus.ACTIVE, by.id(), 1, seq, no, seq, at);
    }
    if (before == null) {
      throw new IllegalStateException(event.kind() + " before the creation of group " + id);
    }
    long posted = event instanceof MessagePosted ? 1 : 0;
    if (!before.id().equals(id) || seq != before.headSeq() + 1 || no != before.headNo() + posted) {
      throw new IllegalStateException(
          "entry "
              + seq
              + "/"
              + no
              + " of group "
              + id
              + " does not follow "
              + before.id()
              + " "
              + before.headSeq()
              + "/"
              + before.headNo());
    }
    return switch (event) {
      case GroupCreated ignored -> throw new AssertionError();
      case MessagePosted ignored -> moved(before, seq, no);
      case MessageEdited ignored -> moved(before, seq, no);
      case MessageRecalled ignored -> moved(before, seq, no);
      case GroupChanged changed ->
          with(
              before,
              changed.settings(),
              before.status(),
              before.ownerId(),
              before.memberCount(),
              before.firstSeq(),
              seq,
              no);
      case GroupStatusChanged changed ->
          with(
              before,
              before.settings(),
              status(changed.kind()),
              before.ownerId(),
              before.memberCount(),
              before.firstSeq(),
              seq,
              no);
      case MemberChanged changed ->
          with(
              before,
              before.settings(),
              before.status(),
              changed.kind() == EntryKind.OWNERSHIP_TRANSFERRED
                  ? changed.subject().id()
                  : before.ownerId(),
              before.memberCount() + members(changed.kind()),
              before.firstSeq(),
              seq,
              no);
      case HistoryTrimmed trimmed ->
          with(
              before,
              before.settings(),
              before.status(),
              before.ownerId(),
              before.memberCount(),
              Math.max(before.firstSeq(), trimmed.upTo() + 1),
              seq,
              no);
    };
  }

  /**
   * The memberships that an entry changes.
   *
   * @param after the group after the entry, see {@link #apply}; a new member's read position is its
   *     head, so that nothing posted before counts as unread
   * @param before the relation of an account before the entry; asked for the subject and the actor
   *     only
   */
  public static List<MemberChange> memberChanges(
      GroupState after,
      Function<Long, Optional<Membership>> before,
      Actor by,
      Instant at,
      GroupEvent event) {
    if (event instanceof GroupCreated) {
      return List.of(change(entered(after, by, Role.OWNER, at)));
    }
    if (!(event instanceof MemberChanged changed)) {
      return List.of();
    }
    Actor subject = changed.subject();
    return switch (changed.kind()) {
      case MEMBER_JOINED -> List.of(change(entered(after, subject, Role.MEMBER, at)));
      case MEMBER_REQUESTED -> List.of(outside(after, subject, MemberStatus.REQUESTED, at));
      case MEMBER_INVITED -> List.of(outside(after, subject, MemberStatus.INVITED, at));
      case MEMBER_BANNED -> List.of(outside(after, subject, MemberStatus.BANNED, at));
      case MEMBER_LEFT, MEMBER_REMOVED, MEMBER_UNBANNED, REQUEST_DECLINED, INVITATION_DECLINED ->
          List.of(new MemberChange(subject.id(), null));
      case MEMBER_MUTED -> List.of(change(muted(member(before, subject), changed.until())));
      case MEMBER_UNMUTED -> List.of(change(muted(member(before, subject), null)));
      case ROLE_CHANGED -> {
        if (changed.role() == null) {
          throw new IllegalStateException("a change of role without a role");
        }
        yield List.of(change(inRole(member(before, subject), changed.role())));
      }
      case OWNERSHIP_TRANSFERRED -> {
        MemberChange owner = change(inRole(member(before, subject), Role.OWNER));
        Membership actor = before.apply(by.id()).orElse(null);
        yield actor != null
                && by.id() != subject.id()
                && actor.active()
                && actor.role() == Role.OWNER
            ? List.of(change(inRole(actor, Role.ADMIN)), owner)
            : List.of(owner);
      }
      default -> throw new IllegalStateException(changed.kind() + " is no change of a member");
    };
  }

  /** The membership with its read position moved there; the same one when that is not forward. */
  public static Membership marked(Membership before, long seq, long no) {
    return seq <= before.readSeq()
        ? before
        : new Membership(
            before.group(),
            before.account(),
            before.status(),
            before.role(),
            before.mutedUntil(),
            before.since(),
            seq,
            no);
  }

  private static GroupState moved(GroupState before, long seq, long no) {
    return with(
        before,
        before.settings(),
        before.status(),
        before.ownerId(),
        before.memberCount(),
        before.firstSeq(),
        seq,
        no);
  }

  private static GroupState with(
      GroupState before,
      GroupEvent.Settings settings,
      GroupStatus status,
      long ownerId,
      int memberCount,
      long firstSeq,
      long seq,
      long no) {
    return new GroupState(
        before.id(),
        settings,
        before.key(),
        status,
        ownerId,
        memberCount,
        seq,
        no,
        firstSeq,
        before.createdAt());
  }

  private static GroupStatus status(EntryKind kind) {
    return switch (kind) {
      case GROUP_ARCHIVED -> GroupStatus.ARCHIVED;
      case GROUP_RESTORED -> GroupStatus.ACTIVE;
      case GROUP_DISSOLVED -> GroupStatus.DISSOLVED;
      default -> throw new IllegalStateException(kind + " is no change of status");
    };
  }

  private static int members(EntryKind kind) {
    return switch (kind) {
      case MEMBER_JOINED -> 1;
      case MEMBER_LEFT, MEMBER_REMOVED -> -1;
      default -> 0;
    };
  }

  private static Membership member(Function<Long, Optional<Membership>> before, Actor subject) {
    return before
        .apply(subject.id())
        .filter(Membership::active)
        .orElseThrow(
            () -> new IllegalStateException("account " + subject.id() + " is not a member"));
  }

  private static Membership entered(GroupState group, Actor account, Role role, Instant at) {
    return new Membership(
        group.id(), account, MemberStatus.ACTIVE, role, null, at, group.headSeq(), group.headNo());
  }

  private static MemberChange outside(
      GroupState group, Actor account, MemberStatus status, Instant at) {
    return change(new Membership(group.id(), account, status, Role.MEMBER, null, at, 0, 0));
  }

  private static Membership muted(Membership before, @Nullable Instant until) {
    return new Membership(
        before.group(),
        before.account(),
        before.status(),
        before.role(),
        until,
        before.since(),
        before.readSeq(),
        before.readNo());
  }

  private static Membership inRole(Membership before, Role role) {
    // An owner is never muted.
    return new Membership(
        before.group(),
        before.account(),
        before.status(),
        role,
        role == Role.OWNER ? null : before.mutedUntil(),
        before.since(),
        before.readSeq(),
        before.readNo());
  }

  private static MemberChange change(Membership after) {
    return new MemberChange(after.account().id(), after);
  }
}
