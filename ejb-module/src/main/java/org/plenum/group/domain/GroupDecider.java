package org.plenum.group.domain;

import static org.plenum.group.domain.Caller.first;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.Actor;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupCommand.AcceptInvitation;
import org.plenum.group.api.GroupCommand.AddMember;
import org.plenum.group.api.GroupCommand.ApproveRequest;
import org.plenum.group.api.GroupCommand.ArchiveGroup;
import org.plenum.group.api.GroupCommand.BanMember;
import org.plenum.group.api.GroupCommand.ChangeGroup;
import org.plenum.group.api.GroupCommand.ChangeRole;
import org.plenum.group.api.GroupCommand.CreateGroup;
import org.plenum.group.api.GroupCommand.DeclineInvitation;
import org.plenum.group.api.GroupCommand.DeclineRequest;
import org.plenum.group.api.GroupCommand.DissolveGroup;
import org.plenum.group.api.GroupCommand.EditMessage;
import org.plenum.group.api.GroupCommand.InviteMember;
import org.plenum.group.api.GroupCommand.JoinGroup;
import org.plenum.group.api.GroupCommand.LeaveGroup;
import org.plenum.group.api.GroupCommand.MarkRead;
import org.plenum.group.api.GroupCommand.MuteMember;
import org.plenum.group.api.GroupCommand.PostMessage;
import org.plenum.group.api.GroupCommand.RecallMessage;
import org.plenum.group.api.GroupCommand.RemoveMember;
import org.plenum.group.api.GroupCommand.RequestToJoin;
import org.plenum.group.api.GroupCommand.RestoreGroup;
import org.plenum.group.api.GroupCommand.TransferOwnership;
import org.plenum.group.api.GroupCommand.UnbanMember;
import org.plenum.group.api.GroupCommand.UnmuteMember;
import org.plenum.group.api.GroupEvent;
import org.plenum.group.api.GroupEvent.GroupChanged;
import org.plenum.group.api.GroupEvent.GroupCreated;
import org.plenum.group.api.GroupEvent.GroupStatusChanged;
import org.plenum.group.api.GroupEvent.MemberChanged;
import org.plenum.group.api.GroupEvent.Settings;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.GroupStatus;
import org.plenum.group.api.GroupType;
import org.plenum.group.api.PostingRule;
import org.plenum.group.domain.Decision.Accepted;
import org.plenum.group.domain.Decision.Rejected;
import org.plenum.platform.ErrorCode;

/**
 * Decides what a command comes to (GRP-2): a pure function of the group, of the facts that it asks
 * for and of the time, with no effect of its own. Thread-safe. Replays of a client id and taken
 * keys are the writer's business, before and after.
 *
 * <p>An archived group can be read and left, and people can still be kept out of it (remove, ban,
 * decline); all else needs it restored. A dissolved group takes nothing. Privileged callers govern
 * every group without being members, but never speak in one, and keep its one owner as everybody
 * does.
 */
public final class GroupDecider {
  private final GroupLimits limits;
  private final MemberRules memberRules;
  private final MessageRules messageRules = new MessageRules();

  /** A decider under these limits. */
  public GroupDecider(GroupLimits limits) {
    this.limits = limits;
    this.memberRules = new MemberRules(limits);
  }

  /**
   * Decides one command.
   *
   * @param group the group named by the envelope as it is now, or null when it does not exist
   * @param now the time of the command, in milliseconds
   */
  public Decision decide(
      @Nullable GroupState group,
      Memberships members,
      Messages messages,
      CommandEnvelope envelope,
      Instant now) {
    if (envelope.command() instanceof CreateGroup create) {
      return group == null ? create(create, envelope.actor()) : exists(group, create);
    }
    if (group == null) {
      return new Rejected(ErrorCode.GROUP_NOT_FOUND, "there is no group " + envelope.group());
    }
    Caller caller = Caller.of(group, members, envelope, now);
    Rejected refused = first(caller.outsideOfHiddenGroup(), caller.inDissolvedGroup());
    if (refused != null) {
      return refused;
    }
    return switch (envelope.command()) {
      case PostMessage post -> messageRules.post(caller, post, messages);
      case MarkRead mark -> messageRules.markRead(caller, mark);
      case EditMessage edit -> messageRules.edit(caller, edit, messages);
      case RecallMessage recall -> messageRules.recall(caller, recall, messages);
      case CreateGroup create -> exists(group, create);
      case ChangeGroup change -> change(caller, change);
      case ArchiveGroup ignored -> archive(caller);
      case RestoreGroup ignored -> restore(caller);
      case DissolveGroup ignored -> dissolve(caller);
      case JoinGroup ignored -> memberRules.join(caller);
      case LeaveGroup ignored -> memberRules.leave(caller);
      case RequestToJoin ignored -> memberRules.request(caller);
      case ApproveRequest c -> memberRules.approve(caller, c.subject(), members);
      case DeclineRequest c -> memberRules.declineRequest(caller, c.subject(), members);
      case InviteMember c -> memberRules.invite(caller, c.subject(), members);
      case AcceptInvitation ignored -> memberRules.acceptInvitation(caller);
      case DeclineInvitation c -> memberRules.declineInvitation(caller, c.subject(), members);
      case AddMember c -> memberRules.add(caller, c.subject(), members);
      case RemoveMember c -> memberRules.remove(caller, c.subject(), members);
      case BanMember c -> memberRules.ban(caller, c.subject(), members);
      case UnbanMember c -> memberRules.unban(caller, c.subject(), members);
      case MuteMember c -> memberRules.mute(caller, c.subject(), c.until(), members);
      case UnmuteMember c -> memberRules.unmute(caller, c.subject(), members);
      case ChangeRole c -> memberRules.changeRole(caller, c.subject(), c.role(), members);
      case TransferOwnership c -> memberRules.transfer(caller, c.subject(), members);
    };
  }

  /**
   * The accounts whose relation to the group the decision asks for. A privileged transfer of
   * ownership also asks for the owner, whom only the group's state names.
   */
  public static long[] accountsNeeded(CommandEnvelope envelope) {
    if (envelope.command() instanceof CreateGroup) {
      return new long[0];
    }
    long actor = envelope.actor().id();
    Actor subject = subject(envelope.command());
    return subject == null || subject.id() == actor
        ? new long[] {actor}
        : new long[] {actor, subject.id()};
  }

  /** The sequences of the entries that the decision asks for. */
  public static long[] messagesNeeded(CommandEnvelope envelope) {
    return switch (envelope.command()) {
      case PostMessage post -> post.replyTo() == null ? new long[0] : new long[] {post.replyTo()};
      case EditMessage edit -> new long[] {edit.target()};
      case RecallMessage recall -> new long[] {recall.target()};
      default -> new long[0];
    };
  }

  private static @Nullable Actor subject(GroupCommand command) {
    return switch (command) {
      case ApproveRequest c -> c.subject();
      case DeclineRequest c -> c.subject();
      case InviteMember c -> c.subject();
      case DeclineInvitation c -> c.subject();
      case AddMember c -> c.subject();
      case RemoveMember c -> c.subject();
      case BanMember c -> c.subject();
      case UnbanMember c -> c.subject();
      case MuteMember c -> c.subject();
      case UnmuteMember c -> c.subject();
      case ChangeRole c -> c.subject();
      case TransferOwnership c -> c.subject();
      default -> null;
    };
  }

  private Decision create(CreateGroup create, Actor creator) {
    Map<Long, Actor> members = new LinkedHashMap<>();
    for (Actor member : create.members()) {
      if (member.id() != creator.id()) {
        members.putIfAbsent(member.id(), member);
      }
    }
    if (members.size() + 1 > limits.maxMembers()) {
      return new Rejected(
          ErrorCode.GROUP_FULL, "a group has at most " + limits.maxMembers() + " members");
    }
    PostingRule rule =
        create.type() == GroupType.ANNOUNCEMENT ? PostingRule.ADMINS : create.postingRule();
    List<GroupEvent> events = new ArrayList<>(members.size() + 1);
    events.add(
        new GroupCreated(
            new Settings(
                create.type(), create.name(), create.topic(), rule, create.retentionDays()),
            create.key()));
    for (Actor member : members.values()) {
      events.add(new MemberChanged(EntryKind.MEMBER_JOINED, member));
    }
    return new Accepted(events);
  }

  private static Rejected exists(GroupState group, CreateGroup create) {
    return create.key() != null && create.key().equals(group.key())
        ? new Rejected(ErrorCode.GROUP_KEY_TAKEN, "a group with this key exists")
        : new Rejected(ErrorCode.INVALID_VALUE, "a group with this id exists");
  }

  private static Decision change(Caller caller, ChangeGroup change) {
    Rejected refused = first(caller.notModerator(), caller.inArchivedGroup());
    if (refused != null) {
      return refused;
    }
    Settings old = caller.group().settings();
    Settings wanted =
        new Settings(
            old.type(),
            Objects.requireNonNullElse(change.name(), old.name()),
            Objects.requireNonNullElse(change.topic(), old.topic()),
            Objects.requireNonNullElse(change.postingRule(), old.postingRule()),
            Objects.requireNonNullElse(change.retentionDays(), old.retentionDays()));
    if (wanted.equals(old)) {
      return new Rejected(ErrorCode.NOTHING_TO_CHANGE, "the group has these settings");
    }
    if (wanted.type() == GroupType.ANNOUNCEMENT && wanted.postingRule() != PostingRule.ADMINS) {
      return new Rejected(
          ErrorCode.INVALID_VALUE, "in an announcement group only the owner and admins post");
    }
    if (wanted.retentionDays() != old.retentionDays()) {
      // It decides what is deleted for ever.
      refused = caller.notOwner();
    }
    return refused != null ? refused : new Accepted(new GroupChanged(wanted));
  }

  private static Decision archive(Caller caller) {
    return status(first(caller.notOwner(), caller.inArchivedGroup()), EntryKind.GROUP_ARCHIVED);
  }

  private static Decision restore(Caller caller) {
    Rejected refused = caller.notOwner();
    if (refused == null && caller.group().status() != GroupStatus.ARCHIVED) {
      refused = new Rejected(ErrorCode.GROUP_NOT_ARCHIVED, "the group is not archived");
    }
    return status(refused, EntryKind.GROUP_RESTORED);
  }

  private static Decision dissolve(Caller caller) {
    return status(caller.notOwner(), EntryKind.GROUP_DISSOLVED);
  }

  private static Decision status(@Nullable Rejected refused, EntryKind kind) {
    return refused != null ? refused : new Accepted(new GroupStatusChanged(kind));
  }
}
