package org.plenum.group.domain;

import static org.plenum.group.domain.Caller.first;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.Actor;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupEvent.MemberChanged;
import org.plenum.group.api.GroupType;
import org.plenum.group.api.MemberStatus;
import org.plenum.group.api.Membership;
import org.plenum.group.api.Role;
import org.plenum.group.domain.Decision.Accepted;
import org.plenum.group.domain.Decision.Rejected;
import org.plenum.platform.ErrorCode;

/** Decisions about who belongs to a group and as what. */
final class MemberRules {
  private final GroupLimits limits;

  MemberRules(GroupLimits limits) {
    this.limits = limits;
  }

  Decision join(Caller caller) {
    Rejected refused =
        first(first(caller.banned(), alreadyMember(caller)), caller.inArchivedGroup());
    if (refused == null
        && !caller.group().settings().type().equals(GroupType.PUBLIC)
        && !caller.group().settings().type().equals(GroupType.ANNOUNCEMENT)) {
      refused =
          new Rejected(
              ErrorCode.JOIN_NOT_OPEN,
              caller.group().settings().type() == GroupType.REQUEST
                  ? "ask to join this group"
                  : "this group is entered by invitation");
    }
    return enter(caller, refused, caller.actor());
  }

  Decision leave(Caller caller) {
    Rejected refused = caller.notMember();
    if (refused != null) {
      return refused;
    }
    Membership me = caller.membership();
    if (me != null && me.role() == Role.OWNER) {
      return new Rejected(
          ErrorCode.OWNER_REQUIRED, "transfer the ownership or dissolve the group first");
    }
    return changed(EntryKind.MEMBER_LEFT, caller.actor());
  }

  Decision request(Caller caller) {
    Rejected refused =
        first(first(caller.banned(), alreadyMember(caller)), caller.inArchivedGroup());
    if (refused != null) {
      return refused;
    }
    if (caller.group().settings().type() != GroupType.REQUEST) {
      return new Rejected(ErrorCode.JOIN_NOT_OPEN, "this group takes no requests to join");
    }
    if (caller.has(MemberStatus.REQUESTED)) {
      return new Rejected(ErrorCode.ALREADY_REQUESTED, "your request waits for a moderator");
    }
    if (caller.has(MemberStatus.INVITED)) {
      return new Rejected(ErrorCode.ALREADY_INVITED, "accept your invitation instead");
    }
    return changed(EntryKind.MEMBER_REQUESTED, caller.actor());
  }

  Decision approve(Caller caller, Actor subject, Memberships members) {
    Rejected refused = first(caller.notModerator(), caller.inArchivedGroup());
    if (refused == null) {
      refused =
          expect(
              members.of(subject.id()), MemberStatus.REQUESTED, ErrorCode.NO_REQUEST, "no request");
    }
    return enter(caller, refused, subject);
  }

  Decision declineRequest(Caller caller, Actor subject, Memberships members) {
    Rejected refused =
        subject.id() == caller.actor().id() ? caller.banned() : caller.notModerator();
    if (refused == null) {
      refused =
          expect(
              members.of(subject.id()), MemberStatus.REQUESTED, ErrorCode.NO_REQUEST, "no request");
    }
    return refused != null ? refused : changed(EntryKind.REQUEST_DECLINED, subject);
  }

  Decision invite(Caller caller, Actor subject, Memberships members) {
    Rejected refused =
        caller.group().settings().type() == GroupType.PUBLIC && !caller.privileged()
            ? caller.notMember()
            : caller.notModerator();
    refused = first(refused, caller.inArchivedGroup());
    if (refused != null) {
      return refused;
    }
    Membership relation = members.of(subject.id()).orElse(null);
    if (relation == null) {
      return changed(EntryKind.MEMBER_INVITED, subject);
    }
    return switch (relation.status()) {
      case ACTIVE -> new Rejected(ErrorCode.ALREADY_MEMBER, "the account is a member");
      case INVITED -> new Rejected(ErrorCode.ALREADY_INVITED, "the account is invited");
      case REQUESTED ->
          new Rejected(ErrorCode.ALREADY_REQUESTED, "the account asked to join: approve that");
      case BANNED -> new Rejected(ErrorCode.ACCOUNT_BANNED, "lift the ban first");
    };
  }

  Decision acceptInvitation(Caller caller) {
    Rejected refused = first(caller.banned(), alreadyMember(caller));
    if (refused == null && !caller.has(MemberStatus.INVITED)) {
      refused = new Rejected(ErrorCode.NO_INVITATION, "you are not invited");
    }
    return enter(caller, first(refused, caller.inArchivedGroup()), caller.actor());
  }

  Decision declineInvitation(Caller caller, Actor subject, Memberships members) {
    Rejected refused =
        subject.id() == caller.actor().id() ? caller.banned() : caller.notModerator();
    if (refused == null) {
      refused =
          expect(
              members.of(subject.id()),
              MemberStatus.INVITED,
              ErrorCode.NO_INVITATION,
              "no invitation");
    }
    return refused != null ? refused : changed(EntryKind.INVITATION_DECLINED, subject);
  }

  Decision add(Caller caller, Actor subject, Memberships members) {
    if (!caller.privileged()) {
      return new Rejected(
          ErrorCode.FORBIDDEN, "only platform administrators and trusted producers add members");
    }
    Rejected refused = caller.inArchivedGroup();
    Membership relation = members.of(subject.id()).orElse(null);
    if (refused == null && relation != null) {
      refused =
          switch (relation.status()) {
            case ACTIVE -> new Rejected(ErrorCode.ALREADY_MEMBER, "the account is a member");
            case BANNED -> new Rejected(ErrorCode.ACCOUNT_BANNED, "lift the ban first");
            case INVITED, REQUESTED -> null;
          };
    }
    return enter(caller, refused, subject);
  }

  Decision remove(Caller caller, Actor subject, Memberships members) {
    Rejected refused = caller.notModerator();
    if (refused != null) {
      return refused;
    }
    Membership member = members.of(subject.id()).orElse(null);
    if (member == null || !member.active()) {
      return notFound(subject);
    }
    refused = caller.mayNotActOn(member);
    return refused != null ? refused : changed(EntryKind.MEMBER_REMOVED, subject);
  }

  Decision ban(Caller caller, Actor subject, Memberships members) {
    Rejected refused = caller.notModerator();
    if (refused != null) {
      return refused;
    }
    MemberChanged banned = new MemberChanged(EntryKind.MEMBER_BANNED, subject);
    Membership relation = members.of(subject.id()).orElse(null);
    if (relation == null) {
      return new Accepted(banned);
    }
    return switch (relation.status()) {
      case BANNED -> new Rejected(ErrorCode.ACCOUNT_BANNED, "the account is banned already");
      case INVITED, REQUESTED -> new Accepted(banned);
      case ACTIVE -> {
        refused = caller.mayNotActOn(relation);
        // Two entries, so that the number of members follows from the entries alone.
        yield refused != null
            ? refused
            : new Accepted(List.of(new MemberChanged(EntryKind.MEMBER_REMOVED, subject), banned));
      }
    };
  }

  Decision unban(Caller caller, Actor subject, Memberships members) {
    Rejected refused = first(caller.notModerator(), caller.inArchivedGroup());
    if (refused != null) {
      return refused;
    }
    boolean banned =
        members.of(subject.id()).map(Membership::status).stream()
            .anyMatch(MemberStatus.BANNED::equals);
    return banned
        ? changed(EntryKind.MEMBER_UNBANNED, subject)
        : new Rejected(ErrorCode.NOT_BANNED, "the account is not banned");
  }

  Decision mute(Caller caller, Actor subject, Instant until, Memberships members) {
    Rejected refused = first(caller.notModerator(), caller.inArchivedGroup());
    if (refused != null) {
      return refused;
    }
    Membership member = members.of(subject.id()).orElse(null);
    if (member == null || !member.active()) {
      return notFound(subject);
    }
    refused = caller.mayNotActOn(member);
    if (refused != null) {
      return refused;
    }
    Instant end = until.truncatedTo(ChronoUnit.MILLIS);
    if (!end.isAfter(caller.now())) {
      return new Rejected(ErrorCode.INVALID_VALUE, "until must lie in the future");
    }
    if (end.equals(member.mutedUntil())) {
      return new Rejected(ErrorCode.NOTHING_TO_CHANGE, "the member is muted until then");
    }
    return new Accepted(new MemberChanged(EntryKind.MEMBER_MUTED, subject, null, end));
  }

  Decision unmute(Caller caller, Actor subject, Memberships members) {
    Rejected refused = first(caller.notModerator(), caller.inArchivedGroup());
    if (refused != null) {
      return refused;
    }
    Membership member = members.of(subject.id()).orElse(null);
    if (member == null || !member.active()) {
      return notFound(subject);
    }
    if (!member.mutedAt(caller.now())) {
      return new Rejected(ErrorCode.NOT_MUTED, "the member is not muted");
    }
    refused = caller.mayNotActOn(member);
    return refused != null ? refused : changed(EntryKind.MEMBER_UNMUTED, subject);
  }

  Decision changeRole(Caller caller, Actor subject, Role role, Memberships members) {
    Rejected refused = first(caller.notOwner(), caller.inArchivedGroup());
    if (refused != null) {
      return refused;
    }
    if (role == Role.OWNER) {
      return new Rejected(ErrorCode.INVALID_VALUE, "ownership is transferred, not assigned");
    }
    Membership member = members.of(subject.id()).orElse(null);
    if (member == null || !member.active()) {
      return notFound(subject);
    }
    refused = caller.mayNotActOn(member);
    if (refused != null) {
      return refused;
    }
    return member.role() == role
        ? new Rejected(ErrorCode.NOTHING_TO_CHANGE, "the member has this role")
        : new Accepted(new MemberChanged(EntryKind.ROLE_CHANGED, subject, role, null));
  }

  Decision transfer(Caller caller, Actor subject, Memberships members) {
    Rejected refused = first(caller.notOwner(), caller.inArchivedGroup());
    if (refused != null) {
      return refused;
    }
    Membership member = members.of(subject.id()).orElse(null);
    if (member == null || !member.active()) {
      return notFound(subject);
    }
    if (member.role() == Role.OWNER) {
      return new Rejected(ErrorCode.NOTHING_TO_CHANGE, "the member is the owner");
    }
    MemberChanged transferred = new MemberChanged(EntryKind.OWNERSHIP_TRANSFERRED, subject);
    long ownerId = caller.group().ownerId();
    if (ownerId == caller.actor().id()) {
      return new Accepted(transferred);
    }
    // Somebody else acts for the owner: the entry names only its actor, so a second one says who
    // steps down.
    Membership owner =
        members
            .of(ownerId)
            .orElseThrow(() -> new IllegalStateException("group without its owner's membership"));
    return new Accepted(
        List.of(
            transferred,
            new MemberChanged(EntryKind.ROLE_CHANGED, owner.account(), Role.ADMIN, null)));
  }

  private Decision enter(Caller caller, @Nullable Rejected refused, Actor subject) {
    if (refused != null) {
      return refused;
    }
    return caller.group().memberCount() >= limits.maxMembers()
        ? new Rejected(
            ErrorCode.GROUP_FULL, "the group has the most members allowed: " + limits.maxMembers())
        : changed(EntryKind.MEMBER_JOINED, subject);
  }

  private static @Nullable Rejected alreadyMember(Caller caller) {
    return caller.has(MemberStatus.ACTIVE)
        ? new Rejected(ErrorCode.ALREADY_MEMBER, "you are a member")
        : null;
  }

  private static @Nullable Rejected expect(
      Optional<Membership> relation, MemberStatus status, ErrorCode otherwise, String what) {
    if (relation.isPresent()) {
      if (relation.get().status() == status) {
        return null;
      }
      if (relation.get().active()) {
        return new Rejected(ErrorCode.ALREADY_MEMBER, "the account is a member");
      }
    }
    return new Rejected(otherwise, "there is " + what + " of this account");
  }

  private static Rejected notFound(Actor subject) {
    return new Rejected(
        ErrorCode.MEMBER_NOT_FOUND, "account " + subject.id() + " is not a member of the group");
  }

  private static Accepted changed(EntryKind kind, Actor subject) {
    return new Accepted(new MemberChanged(kind, subject));
  }
}
