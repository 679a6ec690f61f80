package org.plenum.group.domain;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.Actor;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.GroupStatus;
import org.plenum.group.api.GroupType;
import org.plenum.group.api.MemberStatus;
import org.plenum.group.api.Membership;
import org.plenum.group.api.PostingRule;
import org.plenum.group.api.Role;
import org.plenum.group.domain.Decision.Rejected;
import org.plenum.platform.ErrorCode;

/**
 * The actor of one command before one group, with the checks that commands share. A check answers
 * null when it passes.
 */
record Caller(
    GroupState group,
    @Nullable Membership membership,
    Actor actor,
    boolean privileged,
    Instant now) {

  static Caller of(GroupState group, Memberships members, CommandEnvelope envelope, Instant now) {
    return new Caller(
        group,
        members.of(envelope.actor().id()).orElse(null),
        envelope.actor(),
        envelope.privileged(),
        now);
  }

  /** The first of two checks that failed. */
  static @Nullable Rejected first(@Nullable Rejected one, @Nullable Rejected two) {
    return one != null ? one : two;
  }

  boolean has(MemberStatus status) {
    return membership != null && membership.status() == status;
  }

  boolean moderates() {
    return privileged
        || (membership != null && membership.active() && membership.role().moderates());
  }

  /** Private groups do not exist for those who have no relation to them. */
  @Nullable Rejected outsideOfHiddenGroup() {
    return group.settings().type() == GroupType.PRIVATE && membership == null && !privileged
        ? new Rejected(ErrorCode.GROUP_NOT_FOUND, "there is no group " + group.id())
        : null;
  }

  @Nullable Rejected inDissolvedGroup() {
    return group.status() == GroupStatus.DISSOLVED
        ? new Rejected(ErrorCode.GROUP_DISSOLVED, "the group was dissolved")
        : null;
  }

  @Nullable Rejected inArchivedGroup() {
    return group.status() == GroupStatus.ARCHIVED
        ? new Rejected(ErrorCode.GROUP_ARCHIVED, "the group is archived: it can only be read")
        : null;
  }

  @Nullable Rejected banned() {
    return has(MemberStatus.BANNED)
        ? new Rejected(ErrorCode.MEMBER_BANNED, "you are banned from this group")
        : null;
  }

  @Nullable Rejected notMember() {
    if (has(MemberStatus.ACTIVE)) {
      return null;
    }
    Rejected banned = banned();
    return banned != null
        ? banned
        : new Rejected(ErrorCode.NOT_A_MEMBER, "only members of this group do this");
  }

  @Nullable Rejected notModerator() {
    if (moderates()) {
      return null;
    }
    Rejected notMember = notMember();
    return notMember != null
        ? notMember
        : new Rejected(ErrorCode.ROLE_REQUIRED, "only the owner and admins do this");
  }

  @Nullable Rejected notOwner() {
    if (privileged) {
      return null;
    }
    Rejected notMember = notMember();
    if (notMember != null) {
      return notMember;
    }
    return membership != null && membership.role() == Role.OWNER
        ? null
        : new Rejected(ErrorCode.ROLE_REQUIRED, "only the owner does this");
  }

  /** Refuses to act on a member of the same or a higher role, and on the owner always. */
  @Nullable Rejected mayNotActOn(Membership subject) {
    if (subject.role() == Role.OWNER) {
      return privileged || subject.account().id() == actor.id()
          ? new Rejected(
              ErrorCode.OWNER_REQUIRED, "the owner must transfer the ownership of the group first")
          : new Rejected(ErrorCode.ROLE_REQUIRED, "nobody in the group does this to its owner");
    }
    if (privileged || (membership != null && membership.role().outranks(subject.role()))) {
      return null;
    }
    return new Rejected(ErrorCode.ROLE_REQUIRED, "the member's role is not below yours");
  }

  /** Refuses to put words into the group. */
  @Nullable Rejected maySpeakNot() {
    Rejected refused = first(notMember(), inArchivedGroup());
    if (refused != null || membership == null) {
      return refused;
    }
    if (membership.mutedAt(now)) {
      return new Rejected(ErrorCode.MEMBER_MUTED, "you are muted until " + membership.mutedUntil());
    }
    boolean restricted =
        group.settings().type() == GroupType.ANNOUNCEMENT
            || group.settings().postingRule() == PostingRule.ADMINS;
    return restricted && !membership.role().moderates()
        ? new Rejected(ErrorCode.POSTING_RESTRICTED, "only the owner and admins post here")
        : null;
  }
}
