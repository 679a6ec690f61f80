package org.plenum.group.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a caller asks the writer to do in one group. Values are already checked for shape by the
 * business shell.
 */
public sealed interface GroupCommand {
  /**
   * Creates the group; the actor becomes its owner.
   *
   * @param retentionDays days that messages are kept, 0 for ever
   * @param key a unique key by which legacy systems name the group, or null
   * @param members accounts that are active members from the start
   */
  record CreateGroup(
      GroupType type,
      String name,
      String topic,
      PostingRule postingRule,
      int retentionDays,
      @Nullable String key,
      List<Actor> members)
      implements GroupCommand {
    public CreateGroup {
      members = List.copyOf(members);
    }
  }

  /** Changes what is not null. */
  record ChangeGroup(
      @Nullable String name,
      @Nullable String topic,
      @Nullable PostingRule postingRule,
      @Nullable Integer retentionDays)
      implements GroupCommand {}

  /** Makes the group read-only. */
  record ArchiveGroup() implements GroupCommand {}

  /** Makes an archived group writable again. */
  record RestoreGroup() implements GroupCommand {}

  /** Ends the group for good. */
  record DissolveGroup() implements GroupCommand {}

  /** The actor enters a public or announcement group. */
  record JoinGroup() implements GroupCommand {}

  /** The actor leaves. */
  record LeaveGroup() implements GroupCommand {}

  /** The actor asks to enter a request group. */
  record RequestToJoin() implements GroupCommand {}

  /** A moderator lets a requester in. */
  record ApproveRequest(Actor subject) implements GroupCommand {}

  /** A moderator turns a requester down, or the requester withdraws. */
  record DeclineRequest(Actor subject) implements GroupCommand {}

  /** Invites an account; moderators, and any member of a public group. */
  record InviteMember(Actor subject) implements GroupCommand {}

  /** The actor accepts an invitation. */
  record AcceptInvitation() implements GroupCommand {}

  /** The invited actor declines, or a moderator withdraws the invitation of the subject. */
  record DeclineInvitation(Actor subject) implements GroupCommand {}

  /** Adds an account at once; platform administrators and trusted producers only. */
  record AddMember(Actor subject) implements GroupCommand {}

  /** A moderator removes a member of lower role. */
  record RemoveMember(Actor subject) implements GroupCommand {}

  /** A moderator bans an account of lower role, member or not. */
  record BanMember(Actor subject) implements GroupCommand {}

  /** A moderator lifts a ban; the account is an outsider again. */
  record UnbanMember(Actor subject) implements GroupCommand {}

  /** A moderator silences a member of lower role until an instant. */
  record MuteMember(Actor subject, Instant until) implements GroupCommand {}

  /** A moderator lets a muted member speak again. */
  record UnmuteMember(Actor subject) implements GroupCommand {}

  /** The owner makes a member an admin or an admin a member. */
  record ChangeRole(Actor subject, Role role) implements GroupCommand {}

  /** The owner makes a member the owner and becomes an admin. */
  record TransferOwnership(Actor subject) implements GroupCommand {}

  /** Posts a message. */
  record PostMessage(String text, @Nullable Long replyTo) implements GroupCommand {}

  /** The author changes the text of a message. */
  record EditMessage(long target, String text) implements GroupCommand {}

  /** The author or a moderator takes a message back. */
  record RecallMessage(long target) implements GroupCommand {}

  /** Moves the actor's read position forward; never back and never past the head. */
  record MarkRead(long seq) implements GroupCommand {}
}
