package org.plenum.group.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.plenum.group.api.Actor;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.Durability;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupEvent;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupProjection;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.GroupStatus;
import org.plenum.group.api.GroupType;
import org.plenum.group.api.MemberStatus;
import org.plenum.group.api.Membership;
import org.plenum.group.api.PostingRule;
import org.plenum.group.api.Role;
import org.plenum.platform.ErrorCode;
import org.plenum.update.Entry;
import org.plenum.update.EntryCodec;

/**
 * Thousands of random commands: what must always hold holds after each, and a follower that sees
 * only the encoded entries has the same state as the one who decided.
 */
class GroupRandomWalkTest {
  private static final int STEPS = 4_000;
  private static final int PEOPLE = 12;
  private static final List<Role> ROLES = List.of(Role.OWNER, Role.ADMIN, Role.MEMBER);
  private static final GroupId GROUP = new GroupId(new UUID(3, 4));

  private final EntryCodec codec = new EntryCodec();
  private final GroupDecider decider = new GroupDecider(new GroupLimits(8));
  private final Copy origin = new Copy();
  private final Copy follower = new Copy();
  private final Map<Long, MessageFacts> entries = new HashMap<>();
  private final Map<Class<?>, Integer> accepted = new HashMap<>();
  private Instant now = Instant.parse("2026-11-22T20:51:00.123Z");

  @ParameterizedTest
  @EnumSource(GroupType.class)
  void everyInvariantHoldsAndFollowersAgree(GroupType type) {
    long seed = Long.getLong("plenum.test.seed", 20_261_122L + type.name().length());
    System.out.println("random walk in a " + type + " group: -Dplenum.test.seed=" + seed);
    Random random = new Random(seed);
    run(
        actor(1),
        false,
        new GroupCommand.CreateGroup(
            type, "Walk", "", PostingRule.EVERYONE, 0, "walk", List.of(actor(2), actor(3))));

    for (int step = 0; step < STEPS; step++) {
      now = now.plusMillis(random.nextInt(5_000));
      run(actor(1 + random.nextInt(PEOPLE)), random.nextInt(12) == 0, command(random));
      invariants();
    }

    assertThat(accepted.keySet()).as("kinds of commands accepted").hasSizeGreaterThan(15);
  }

  private void run(Actor actor, boolean privileged, GroupCommand command) {
    CommandEnvelope envelope =
        new CommandEnvelope(
            new UUID(now.toEpochMilli(), actor.id()),
            GROUP,
            actor,
            privileged,
            command,
            Durability.DISK,
            now.plusSeconds(5));
    Decision decision =
        decider.decide(
            origin.group,
            origin::member,
            seq -> Optional.ofNullable(entries.get(seq)),
            envelope,
            now);
    switch (decision) {
      case Decision.Accepted accepts -> {
        accepted.merge(command.getClass(), 1, Integer::sum);
        accepts.events().forEach(event -> append(envelope, event));
      }
      case Decision.Marked marked -> mark(actor.id(), marked.seq());
      case Decision.Rejected rejected ->
          assertThat(rejected.code()).isNotEqualTo(ErrorCode.INTERNAL);
    }
  }

  private void append(CommandEnvelope envelope, GroupEvent event) {
    GroupState before = origin.group;
    long seq = before == null ? 1 : before.headSeq() + 1;
    long no = before == null ? 0 : before.headNo();
    no += event.kind() == EntryKind.MESSAGE_POSTED ? 1 : 0;
    byte[] json = codec.encode(seq, no, now, envelope.actor(), envelope.clientId(), event);
    Entry entry = codec.decode(json);
    assertThat(entry)
        .isEqualTo(
            new Entry(seq, no, now, envelope.actor(), envelope.clientId(), event, null, null));

    origin.apply(seq, no, now, envelope.actor(), event);
    follower.apply(entry.seq(), entry.no(), entry.at(), entry.by(), entry.event());
    entries.put(seq, new MessageFacts(seq, event.kind(), envelope.actor().id(), false));
    if (event instanceof GroupEvent.MessageRecalled recalled) {
      entries.computeIfPresent(
          recalled.target(), (s, old) -> new MessageFacts(s, old.kind(), old.authorId(), true));
    }
  }

  private void mark(long account, long seq) {
    Membership before = origin.member(account).orElseThrow();
    assertThat(seq).isBetween(before.readSeq(), group().headSeq());
    origin.members.put(account, GroupProjection.marked(before, seq, seq));
    follower.members.put(
        account, GroupProjection.marked(follower.member(account).orElseThrow(), seq, seq));
  }

  private GroupState group() {
    GroupState group = origin.group;
    if (group == null) {
      throw new AssertionError("no group");
    }
    return group;
  }

  private void invariants() {
    assertThat(follower.group).isEqualTo(origin.group);
    assertThat(follower.members).isEqualTo(origin.members);

    List<Membership> active = origin.members.values().stream().filter(Membership::active).toList();
    assertThat(group().memberCount()).isEqualTo(active.size()).isLessThanOrEqualTo(8);
    assertThat(group().headSeq()).isEqualTo(entries.size());
    List<Membership> owners = active.stream().filter(m -> m.role() == Role.OWNER).toList();
    assertThat(owners).hasSize(1);
    assertThat(owners.getFirst().account().id()).isEqualTo(group().ownerId());
    assertThat(owners.getFirst().mutedUntil()).isNull();
    for (Membership member : origin.members.values()) {
      if (!member.active()) {
        assertThat(member.role()).isEqualTo(Role.MEMBER);
        assertThat(member.mutedUntil()).isNull();
      }
      if (member.status() == MemberStatus.BANNED) {
        assertThat(active).doesNotContain(member);
      }
      assertThat(member.readSeq()).isLessThanOrEqualTo(group().headSeq());
    }
  }

  private GroupCommand command(Random random) {
    Actor subject = actor(1 + random.nextInt(PEOPLE));
    long seq = 1 + random.nextLong(group().headSeq() + 2);
    return switch (random.nextInt(30)) {
      case 0, 1 -> new GroupCommand.JoinGroup();
      case 2 -> new GroupCommand.LeaveGroup();
      case 3 -> new GroupCommand.RequestToJoin();
      case 4 -> new GroupCommand.ApproveRequest(subject);
      case 5 -> new GroupCommand.DeclineRequest(subject);
      case 6, 7 -> new GroupCommand.InviteMember(subject);
      case 8, 9 -> new GroupCommand.AcceptInvitation();
      case 10 -> new GroupCommand.DeclineInvitation(subject);
      case 11 -> new GroupCommand.AddMember(subject);
      case 12 -> new GroupCommand.RemoveMember(subject);
      case 13 -> new GroupCommand.BanMember(subject);
      case 14 -> new GroupCommand.UnbanMember(subject);
      case 15 -> new GroupCommand.MuteMember(subject, now.plusSeconds(random.nextInt(100)));
      case 16 -> new GroupCommand.UnmuteMember(subject);
      case 17 -> new GroupCommand.ChangeRole(subject, ROLES.get(random.nextInt(3)));
      case 18 -> new GroupCommand.TransferOwnership(subject);
      case 19 -> new GroupCommand.EditMessage(seq, "edited \u00e9 \"" + random.nextInt());
      case 20 -> new GroupCommand.RecallMessage(seq);
      case 21 -> new GroupCommand.MarkRead(seq);
      case 22 ->
          new GroupCommand.ChangeGroup(
              "Name " + random.nextInt(9),
              "topic \n\u2028",
              random.nextBoolean() ? PostingRule.EVERYONE : PostingRule.ADMINS,
              random.nextInt(3));
      case 23 -> new GroupCommand.ArchiveGroup();
      case 24 -> new GroupCommand.RestoreGroup();
      case 25 -> new GroupCommand.PostMessage("reply \ud83d\ude80", seq);
      default ->
          group().status() == GroupStatus.ARCHIVED
              ? new GroupCommand.RestoreGroup()
              : new GroupCommand.PostMessage("text\t\u0000\u001f\\ " + random.nextInt(), null);
    };
  }

  private static Actor actor(long id) {
    return new Actor(id, "Person \"" + id + "\" \u00fc");
  }

  /** One copy of the group, as the writer or a reader holds it. */
  private static final class Copy {
    private @Nullable GroupState group;
    private final Map<Long, Membership> members = new TreeMap<>();

    Optional<Membership> member(long account) {
      return Optional.ofNullable(members.get(account));
    }

    void apply(long seq, long no, Instant at, Actor by, GroupEvent event) {
      GroupState after = GroupProjection.apply(group, GROUP, by, seq, no, at, event);
      for (GroupProjection.MemberChange change :
          GroupProjection.memberChanges(after, this::member, by, at, event)) {
        if (change.after() == null) {
          members.remove(change.accountId());
        } else {
          assertThat(change.after().since()).isBefore(at.plus(Duration.ofMillis(1)));
          members.put(change.accountId(), change.after());
        }
      }
      group = after;
    }
  }
}
