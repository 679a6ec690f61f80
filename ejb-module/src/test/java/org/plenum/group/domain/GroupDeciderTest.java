package org.plenum.group.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.plenum.group.api.Actor;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.Durability;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupCommand.BanMember;
import org.plenum.group.api.GroupCommand.CreateGroup;
import org.plenum.group.api.GroupCommand.JoinGroup;
import org.plenum.group.api.GroupCommand.MarkRead;
import org.plenum.group.api.GroupCommand.MuteMember;
import org.plenum.group.api.GroupCommand.PostMessage;
import org.plenum.group.api.GroupCommand.TransferOwnership;
import org.plenum.group.api.GroupEvent.GroupCreated;
import org.plenum.group.api.GroupEvent.MemberChanged;
import org.plenum.group.api.GroupEvent.MessagePosted;
import org.plenum.group.api.GroupEvent.Settings;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.GroupStatus;
import org.plenum.group.api.GroupType;
import org.plenum.group.api.MemberStatus;
import org.plenum.group.api.Membership;
import org.plenum.group.api.PostingRule;
import org.plenum.group.api.Role;
import org.plenum.group.domain.Decision.Accepted;
import org.plenum.group.domain.Decision.Marked;
import org.plenum.group.domain.Decision.Rejected;
import org.plenum.platform.ErrorCode;

class GroupDeciderTest {
  private static final Instant NOW = Instant.parse("2026-11-22T20:51:00.123Z");
  private static final GroupId GROUP = new GroupId(new UUID(7, 7));
  private static final Actor ADA = new Actor(1, "Ada Lovelace");
  private static final Actor GRACE = new Actor(2, "Grace Hopper");
  private static final Actor ALAN = new Actor(3, "Alan Turing");

  private final Map<Long, Membership> members = new HashMap<>();
  private final GroupDecider decider = new GroupDecider(new GroupLimits(3));

  @Test
  void creationNamesTheGroupAndLetsEachNamedMemberInOnce() {
    Decision decision =
        decide(null, ADA, false, create(GroupType.PUBLIC, List.of(GRACE, ADA, ALAN, GRACE)));

    assertThat(decision)
        .isEqualTo(
            new Accepted(
                List.of(
                    new GroupCreated(
                        new Settings(GroupType.PUBLIC, "Name", "", PostingRule.EVERYONE, 0),
                        "erp/1"),
                    new MemberChanged(EntryKind.MEMBER_JOINED, GRACE),
                    new MemberChanged(EntryKind.MEMBER_JOINED, ALAN))));
  }

  @Test
  void anAnnouncementGroupIsAlwaysForAdminsToPost() {
    Accepted accepted =
        (Accepted) decide(null, ADA, false, create(GroupType.ANNOUNCEMENT, List.of()));

    assertThat(((GroupCreated) accepted.events().getFirst()).settings().postingRule())
        .isEqualTo(PostingRule.ADMINS);
  }

  @Test
  void creationIsRejectedWhenMoreMembersAreNamedThanAGroupHolds() {
    List<Actor> three = List.of(GRACE, ALAN, new Actor(4, "Linus"));

    assertThat(code(decide(null, ADA, false, create(GroupType.PUBLIC, three))))
        .isEqualTo(ErrorCode.GROUP_FULL);
  }

  @Test
  void creationTellsATakenKeyFromATakenId() {
    GroupState group = group(GroupType.PUBLIC, 1);

    assertThat(code(decide(group, ADA, false, create(GroupType.PUBLIC, List.of()))))
        .isEqualTo(ErrorCode.GROUP_KEY_TAKEN);
  }

  @Test
  void everyOtherCommandNeedsTheGroup() {
    assertThat(code(decide(null, ADA, true, new JoinGroup()))).isEqualTo(ErrorCode.GROUP_NOT_FOUND);
  }

  @Test
  void joinIsRejectedWhenGroupIsFull() {
    assertThat(code(decide(group(GroupType.PUBLIC, 3), ALAN, false, new JoinGroup())))
        .isEqualTo(ErrorCode.GROUP_FULL);
    assertThat(decide(group(GroupType.PUBLIC, 2), ALAN, false, new JoinGroup()))
        .isEqualTo(new Accepted(List.of(new MemberChanged(EntryKind.MEMBER_JOINED, ALAN))));
  }

  @Test
  void aMuteEndsAtItsInstant() {
    GroupCommand post = new PostMessage("hello", null);
    member(GRACE, Role.MEMBER, NOW.plusMillis(1), 0);
    assertThat(code(decide(group(GroupType.PUBLIC, 2), GRACE, false, post)))
        .isEqualTo(ErrorCode.MEMBER_MUTED);

    member(GRACE, Role.MEMBER, NOW, 0);
    assertThat(decide(group(GroupType.PUBLIC, 2), GRACE, false, post))
        .isEqualTo(new Accepted(List.of(new MessagePosted("hello", null))));
  }

  @Test
  void muteIsCutToMilliseconds() {
    member(ADA, Role.OWNER, null, 0);
    member(GRACE, Role.MEMBER, null, 0);

    assertThat(
            decide(
                group(GroupType.PUBLIC, 2),
                ADA,
                false,
                new MuteMember(GRACE, NOW.plusNanos(60_000_123_456L))))
        .isEqualTo(
            new Accepted(
                List.of(
                    new MemberChanged(EntryKind.MEMBER_MUTED, GRACE, null, NOW.plusSeconds(60)))));
  }

  @Test
  void banOfAMemberRemovesTheMemberFirst() {
    member(ADA, Role.OWNER, null, 0);
    member(GRACE, Role.MEMBER, null, 0);

    assertThat(decide(group(GroupType.PUBLIC, 2), ADA, false, new BanMember(GRACE)))
        .isEqualTo(
            new Accepted(
                List.of(
                    new MemberChanged(EntryKind.MEMBER_REMOVED, GRACE),
                    new MemberChanged(EntryKind.MEMBER_BANNED, GRACE))));
  }

  @Test
  void banOfAnOutsiderIsOneEntry() {
    member(ADA, Role.OWNER, null, 0);

    assertThat(decide(group(GroupType.PUBLIC, 1), ADA, false, new BanMember(GRACE)))
        .isEqualTo(new Accepted(List.of(new MemberChanged(EntryKind.MEMBER_BANNED, GRACE))));
  }

  @Test
  void aTransferForTheOwnerSaysWhoStepsDown() {
    member(ADA, Role.OWNER, null, 0);
    member(GRACE, Role.MEMBER, null, 0);
    TransferOwnership transfer = new TransferOwnership(GRACE);
    MemberChanged transferred = new MemberChanged(EntryKind.OWNERSHIP_TRANSFERRED, GRACE);

    assertThat(decide(group(GroupType.PUBLIC, 2), ADA, false, transfer))
        .isEqualTo(new Accepted(List.of(transferred)));
    assertThat(decide(group(GroupType.PUBLIC, 2), ALAN, true, transfer))
        .isEqualTo(
            new Accepted(
                List.of(
                    transferred,
                    new MemberChanged(EntryKind.ROLE_CHANGED, ADA, Role.ADMIN, null))));
  }

  @Test
  void aReadPositionMovesForwardAndNeverPastTheHead() {
    member(GRACE, Role.MEMBER, null, 12);
    GroupState group = group(GroupType.PUBLIC, 2);

    assertThat(decide(group, GRACE, false, new MarkRead(15))).isEqualTo(new Marked(15));
    assertThat(decide(group, GRACE, false, new MarkRead(12))).isEqualTo(new Marked(12));
    assertThat(decide(group, GRACE, false, new MarkRead(3))).isEqualTo(new Marked(12));
    assertThat(decide(group, GRACE, false, new MarkRead(Long.MAX_VALUE))).isEqualTo(new Marked(20));
  }

  @Test
  void aTrimmedMessageIsGone() {
    member(GRACE, Role.MEMBER, null, 0);

    assertThat(
            code(
                decide(
                    group(GroupType.PUBLIC, 2), GRACE, false, new GroupCommand.RecallMessage(4))))
        .isEqualTo(ErrorCode.MESSAGE_NOT_FOUND);
  }

  private Decision decide(
      @Nullable GroupState group, Actor actor, boolean privileged, GroupCommand command) {
    return decider.decide(
        group,
        account -> Optional.ofNullable(members.get(account)),
        seq -> Optional.of(new MessageFacts(seq, EntryKind.MESSAGE_POSTED, actor.id(), false)),
        new CommandEnvelope(
            new UUID(1, 1), GROUP, actor, privileged, command, Durability.DISK, NOW.plusSeconds(5)),
        NOW);
  }

  private void member(Actor actor, Role role, @Nullable Instant mutedUntil, long readSeq) {
    members.put(
        actor.id(),
        new Membership(GROUP, actor, MemberStatus.ACTIVE, role, mutedUntil, NOW, readSeq, 0));
  }

  private static ErrorCode code(Decision decision) {
    assertThat(decision).isInstanceOf(Rejected.class);
    return ((Rejected) decision).code();
  }

  private static CreateGroup create(GroupType type, List<Actor> members) {
    return new CreateGroup(type, "Name", "", PostingRule.EVERYONE, 0, "erp/1", members);
  }

  private static GroupState group(GroupType type, int memberCount) {
    return new GroupState(
        GROUP,
        new Settings(type, "Name", "", PostingRule.EVERYONE, 0),
        "erp/1",
        GroupStatus.ACTIVE,
        ADA.id(),
        memberCount,
        20,
        10,
        5,
        NOW);
  }
}
