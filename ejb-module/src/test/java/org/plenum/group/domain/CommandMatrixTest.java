package org.plenum.group.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.plenum.group.api.Actor;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.Durability;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupEvent.Settings;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.GroupStatus;
import org.plenum.group.api.GroupType;
import org.plenum.group.api.MemberStatus;
import org.plenum.group.api.Membership;
import org.plenum.group.api.PostingRule;
import org.plenum.group.api.Role;

/** Who may do what: every command by every relation to the group, as tables to read. */
class CommandMatrixTest {
  private static final Instant NOW = Instant.parse("2026-11-22T20:51:00Z");
  private static final Instant LATER = NOW.plusSeconds(3600);
  private static final GroupId GROUP =
      new GroupId(UUID.fromString("0192f3a4-b5c6-7d8e-8f90-a1b2c3d4e5f6"));

  // Those acted upon; the actors have the ids 1 to 10 in the order of the columns.
  private static final Actor A_MEMBER = new Actor(20, "A member");
  private static final Actor AN_ADMIN = new Actor(21, "An admin");
  private static final Actor THE_OWNER = new Actor(1, "owner");
  private static final Actor AN_INVITED = new Actor(22, "An invited");
  private static final Actor A_REQUESTER = new Actor(23, "A requester");
  private static final Actor A_BANNED = new Actor(24, "A banned");
  private static final Actor AN_OUTSIDER = new Actor(25, "An outsider");
  private static final Actor A_MUTED = new Actor(26, "A muted");

  private static final long HEAD = 50;
  private static final long OWN_MESSAGE = 40;
  private static final long OTHERS_MESSAGE = 41;
  private static final long OWN_RECALLED = 42;
  private static final long NO_MESSAGE = 43;

  private static final String REQUEST_GROUP =
      """
                           owner    admin    member   muted    banned   invited  requester outsider exmember platform
      change-name          ok       ok       role     role     banned   notmem   notmem    notmem   notmem   ok
      change-nothing       nothing  nothing  role     role     banned   notmem   notmem    notmem   notmem   nothing
      change-retention     ok       role     role     role     banned   notmem   notmem    notmem   notmem   ok
      archive              ok       role     role     role     banned   notmem   notmem    notmem   notmem   ok
      restore              active   role     role     role     banned   notmem   notmem    notmem   notmem   active
      dissolve             ok       role     role     role     banned   notmem   notmem    notmem   notmem   ok
      create               invalid  invalid  invalid  invalid  invalid  invalid  invalid   invalid  invalid  invalid
      join                 already  already  already  already  banned   closed   closed    closed   closed   closed
      leave                owner    ok       ok       ok       banned   notmem   notmem    notmem   notmem   notmem
      request              already  already  already  already  banned   invited  asked     ok       ok       ok
      approve-requester    ok       ok       role     role     banned   notmem   notmem    notmem   notmem   ok
      approve-outsider     norequest norequest role   role     banned   notmem   notmem    notmem   notmem   norequest
      approve-member       already  already  role     role     banned   notmem   notmem    notmem   notmem   already
      decline-requester    ok       ok       role     role     banned   notmem   notmem    notmem   notmem   ok
      decline-own-request  already  already  already  already  banned   norequest ok       norequest norequest norequest
      invite-outsider      ok       ok       role     role     banned   notmem   notmem    notmem   notmem   ok
      invite-member        already  already  role     role     banned   notmem   notmem    notmem   notmem   already
      invite-invited       invited  invited  role     role     banned   notmem   notmem    notmem   notmem   invited
      invite-requester     asked    asked    role     role     banned   notmem   notmem    notmem   notmem   asked
      invite-banned        isbanned isbanned role     role     banned   notmem   notmem    notmem   notmem   isbanned
      accept               already  already  already  already  banned   ok       noinvite  noinvite noinvite noinvite
      decline-own-invite   already  already  already  already  banned   ok       noinvite  noinvite noinvite noinvite
      withdraw-invite      ok       ok       role     role     banned   notmem   notmem    notmem   notmem   ok
      withdraw-none        noinvite noinvite role     role     banned   notmem   notmem    notmem   notmem   noinvite
      add-outsider         forbid   forbid   forbid   forbid   forbid   forbid   forbid    forbid   forbid   ok
      add-invited          forbid   forbid   forbid   forbid   forbid   forbid   forbid    forbid   forbid   ok
      add-member           forbid   forbid   forbid   forbid   forbid   forbid   forbid    forbid   forbid   already
      add-banned           forbid   forbid   forbid   forbid   forbid   forbid   forbid    forbid   forbid   isbanned
      remove-member        ok       ok       role     role     banned   notmem   notmem    notmem   notmem   ok
      remove-admin         ok       role     role     role     banned   notmem   notmem    notmem   notmem   ok
      remove-owner         owner    role     role     role     banned   notmem   notmem    notmem   notmem   owner
      remove-self          owner    role     role     role     banned   notmem   notmem    notmem   notmem   nomember
      remove-invited       nomember nomember role     role     banned   notmem   notmem    notmem   notmem   nomember
      remove-outsider      nomember nomember role     role     banned   notmem   notmem    notmem   notmem   nomember
      ban-member           ok       ok       role     role     banned   notmem   notmem    notmem   notmem   ok
      ban-admin            ok       role     role     role     banned   notmem   notmem    notmem   notmem   ok
      ban-owner            owner    role     role     role     banned   notmem   notmem    notmem   notmem   owner
      ban-outsider         ok       ok       role     role     banned   notmem   notmem    notmem   notmem   ok
      ban-requester        ok       ok       role     role     banned   notmem   notmem    notmem   notmem   ok
      ban-banned           isbanned isbanned role     role     banned   notmem   notmem    notmem   notmem   isbanned
      unban-banned         ok       ok       role     role     banned   notmem   notmem    notmem   notmem   ok
      unban-member         notbanned notbanned role   role     banned   notmem   notmem    notmem   notmem   notbanned
      mute-member          ok       ok       role     role     banned   notmem   notmem    notmem   notmem   ok
      mute-admin           ok       role     role     role     banned   notmem   notmem    notmem   notmem   ok
      mute-owner           owner    role     role     role     banned   notmem   notmem    notmem   notmem   owner
      mute-until-now       invalid  invalid  role     role     banned   notmem   notmem    notmem   notmem   invalid
      mute-muted-alike     nothing  nothing  role     role     banned   notmem   notmem    notmem   notmem   nothing
      mute-outsider        nomember nomember role     role     banned   notmem   notmem    notmem   notmem   nomember
      unmute-muted         ok       ok       role     role     banned   notmem   notmem    notmem   notmem   ok
      unmute-member        notmuted notmuted role     role     banned   notmem   notmem    notmem   notmem   notmuted
      promote-member       ok       role     role     role     banned   notmem   notmem    notmem   notmem   ok
      promote-admin        nothing  role     role     role     banned   notmem   notmem    notmem   notmem   nothing
      demote-admin         ok       role     role     role     banned   notmem   notmem    notmem   notmem   ok
      demote-owner         owner    role     role     role     banned   notmem   notmem    notmem   notmem   owner
      promote-to-owner     invalid  role     role     role     banned   notmem   notmem    notmem   notmem   invalid
      promote-outsider     nomember role     role     role     banned   notmem   notmem    notmem   notmem   nomember
      transfer-to-member   ok       role     role     role     banned   notmem   notmem    notmem   notmem   ok
      transfer-to-owner    nothing  role     role     role     banned   notmem   notmem    notmem   notmem   nothing
      transfer-to-invited  nomember role     role     role     banned   notmem   notmem    notmem   notmem   nomember
      post                 ok       ok       ok       muted    banned   notmem   notmem    notmem   notmem   notmem
      reply                ok       ok       ok       muted    banned   notmem   notmem    notmem   notmem   notmem
      reply-to-none        nomsg    nomsg    nomsg    muted    banned   notmem   notmem    notmem   notmem   notmem
      reply-past-head      nomsg    nomsg    nomsg    muted    banned   notmem   notmem    notmem   notmem   notmem
      edit-own             ok       ok       ok       muted    banned   notmem   notmem    notmem   notmem   notmem
      edit-others          forbid   forbid   forbid   muted    banned   notmem   notmem    notmem   notmem   notmem
      edit-recalled        recalled recalled recalled muted    banned   notmem   notmem    notmem   notmem   notmem
      edit-none            nomsg    nomsg    nomsg    muted    banned   notmem   notmem    notmem   notmem   notmem
      recall-own           ok       ok       ok       ok       banned   notmem   notmem    notmem   notmem   ok
      recall-others        ok       ok       role     role     banned   notmem   notmem    notmem   notmem   ok
      recall-recalled      recalled recalled recalled recalled banned   notmem   notmem    notmem   notmem   recalled
      recall-none          nomsg    nomsg    nomsg    nomsg    banned   notmem   notmem    notmem   notmem   nomsg
      mark-read            ok       ok       ok       ok       banned   notmem   notmem    notmem   notmem   notmem
      """;

  private static final String PUBLIC_GROUP =
      """
                           owner    admin    member   muted    banned   invited  requester outsider exmember platform
      join                 already  already  already  already  banned   ok       ok        ok       ok       ok
      request              already  already  already  already  banned   closed   closed    closed   closed   closed
      invite-outsider      ok       ok       ok       ok       banned   notmem   notmem    notmem   notmem   ok
      accept               already  already  already  already  banned   ok       noinvite  noinvite noinvite noinvite
      post                 ok       ok       ok       muted    banned   notmem   notmem    notmem   notmem   notmem
      """;

  private static final String ANNOUNCEMENT_GROUP =
      """
                           owner    admin    member   muted    banned   invited  requester outsider exmember platform
      join                 already  already  already  already  banned   ok       ok        ok       ok       ok
      request              already  already  already  already  banned   closed   closed    closed   closed   closed
      invite-outsider      ok       ok       role     role     banned   notmem   notmem    notmem   notmem   ok
      post                 ok       ok       restrict muted    banned   notmem   notmem    notmem   notmem   notmem
      edit-own             ok       ok       restrict muted    banned   notmem   notmem    notmem   notmem   notmem
      recall-own           ok       ok       ok       ok       banned   notmem   notmem    notmem   notmem   ok
      open-posting         invalid  invalid  role     role     banned   notmem   notmem    notmem   notmem   invalid
      mark-read            ok       ok       ok       ok       banned   notmem   notmem    notmem   notmem   notmem
      """;

  private static final String PRIVATE_GROUP =
      """
                           owner    admin    member   muted    banned   invited  requester outsider exmember platform
      change-name          ok       ok       role     role     banned   notmem   notmem    hidden   hidden   ok
      join                 already  already  already  already  banned   closed   closed    hidden   hidden   closed
      request              already  already  already  already  banned   closed   closed    hidden   hidden   closed
      invite-outsider      ok       ok       role     role     banned   notmem   notmem    hidden   hidden   ok
      accept               already  already  already  already  banned   ok       noinvite  hidden   hidden   noinvite
      post                 ok       ok       ok       muted    banned   notmem   notmem    hidden   hidden   notmem
      mark-read            ok       ok       ok       ok       banned   notmem   notmem    hidden   hidden   notmem
      """;

  private static final String ARCHIVED_GROUP =
      """
                           owner    admin    member   muted    banned   invited  requester outsider exmember platform
      change-name          archived archived role     role     banned   notmem   notmem    notmem   notmem   archived
      archive              archived role     role     role     banned   notmem   notmem    notmem   notmem   archived
      restore              ok       role     role     role     banned   notmem   notmem    notmem   notmem   ok
      dissolve             ok       role     role     role     banned   notmem   notmem    notmem   notmem   ok
      join                 already  already  already  already  banned   archived archived  archived archived archived
      leave                owner    ok       ok       ok       banned   notmem   notmem    notmem   notmem   notmem
      request              already  already  already  already  banned   archived archived  archived archived archived
      approve-requester    archived archived role     role     banned   notmem   notmem    notmem   notmem   archived
      decline-requester    ok       ok       role     role     banned   notmem   notmem    notmem   notmem   ok
      invite-outsider      archived archived role     role     banned   notmem   notmem    notmem   notmem   archived
      accept               already  already  already  already  banned   archived noinvite  noinvite noinvite noinvite
      decline-own-invite   already  already  already  already  banned   ok       noinvite  noinvite noinvite noinvite
      add-outsider         forbid   forbid   forbid   forbid   forbid   forbid   forbid    forbid   forbid   archived
      remove-member        ok       ok       role     role     banned   notmem   notmem    notmem   notmem   ok
      ban-member           ok       ok       role     role     banned   notmem   notmem    notmem   notmem   ok
      unban-banned         archived archived role     role     banned   notmem   notmem    notmem   notmem   archived
      mute-member          archived archived role     role     banned   notmem   notmem    notmem   notmem   archived
      unmute-muted         archived archived role     role     banned   notmem   notmem    notmem   notmem   archived
      promote-member       archived role     role     role     banned   notmem   notmem    notmem   notmem   archived
      transfer-to-member   archived role     role     role     banned   notmem   notmem    notmem   notmem   archived
      post                 archived archived archived archived banned   notmem   notmem    notmem   notmem   notmem
      edit-own             archived archived archived archived banned   notmem   notmem    notmem   notmem   notmem
      recall-own           archived archived archived archived banned   notmem   notmem    notmem   notmem   archived
      mark-read            ok       ok       ok       ok       banned   notmem   notmem    notmem   notmem   notmem
      """;

  private static final Map<String, String> WORDS =
      Map.ofEntries(
          Map.entry("ok", "ok"),
          Map.entry("role", "ROLE_REQUIRED"),
          Map.entry("banned", "MEMBER_BANNED"),
          Map.entry("notmem", "NOT_A_MEMBER"),
          Map.entry("hidden", "GROUP_NOT_FOUND"),
          Map.entry("already", "ALREADY_MEMBER"),
          Map.entry("closed", "JOIN_NOT_OPEN"),
          Map.entry("owner", "OWNER_REQUIRED"),
          Map.entry("invited", "ALREADY_INVITED"),
          Map.entry("asked", "ALREADY_REQUESTED"),
          Map.entry("norequest", "NO_REQUEST"),
          Map.entry("noinvite", "NO_INVITATION"),
          Map.entry("isbanned", "ACCOUNT_BANNED"),
          Map.entry("notbanned", "NOT_BANNED"),
          Map.entry("notmuted", "NOT_MUTED"),
          Map.entry("nomember", "MEMBER_NOT_FOUND"),
          Map.entry("nomsg", "MESSAGE_NOT_FOUND"),
          Map.entry("recalled", "MESSAGE_RECALLED"),
          Map.entry("muted", "MEMBER_MUTED"),
          Map.entry("restrict", "POSTING_RESTRICTED"),
          Map.entry("nothing", "NOTHING_TO_CHANGE"),
          Map.entry("invalid", "INVALID_VALUE"),
          Map.entry("forbid", "FORBIDDEN"),
          Map.entry("active", "GROUP_NOT_ARCHIVED"),
          Map.entry("archived", "GROUP_ARCHIVED"));

  private final GroupDecider decider = new GroupDecider(GroupLimits.defaults());

  @TestFactory
  Stream<DynamicTest> inARequestGroup() {
    return table(REQUEST_GROUP, GroupType.REQUEST, GroupStatus.ACTIVE);
  }

  @TestFactory
  Stream<DynamicTest> inAPublicGroup() {
    return table(PUBLIC_GROUP, GroupType.PUBLIC, GroupStatus.ACTIVE);
  }

  @TestFactory
  Stream<DynamicTest> inAnAnnouncementGroup() {
    return table(ANNOUNCEMENT_GROUP, GroupType.ANNOUNCEMENT, GroupStatus.ACTIVE);
  }

  @TestFactory
  Stream<DynamicTest> inAPrivateGroup() {
    return table(PRIVATE_GROUP, GroupType.PRIVATE, GroupStatus.ACTIVE);
  }

  @TestFactory
  Stream<DynamicTest> inAnArchivedGroup() {
    return table(ARCHIVED_GROUP, GroupType.REQUEST, GroupStatus.ARCHIVED);
  }

  @Test
  void theTableNamesEveryKindOfCommand() {
    List<Class<?>> tested = new ArrayList<>();
    commands().values().forEach(command -> tested.add(command.apply(A_MEMBER).getClass()));

    assertThat(tested).contains(GroupCommand.class.getPermittedSubclasses());
    for (String command : commands().keySet()) {
      if (!command.equals("open-posting")) {
        assertThat(REQUEST_GROUP).contains(command + " ");
      }
    }
  }

  @Test
  void aPrivateGroupDoesNotExistForOutsidersWhateverTheyTry() {
    commands()
        .forEach(
            (name, command) -> {
              if (!name.equals("create")) {
                assertThat(outcome(GroupType.PRIVATE, GroupStatus.ACTIVE, 8, command))
                    .as(name)
                    .isEqualTo("GROUP_NOT_FOUND");
              }
            });
  }

  @Test
  void aDissolvedGroupTakesNothingFromAnyone() {
    for (long actor = 1; actor <= 10; actor++) {
      for (Map.Entry<String, Function<Actor, GroupCommand>> command : commands().entrySet()) {
        if (!command.getKey().equals("create")) {
          assertThat(outcome(GroupType.PUBLIC, GroupStatus.DISSOLVED, actor, command.getValue()))
              .as(command.getKey() + " by " + actor)
              .isEqualTo("GROUP_DISSOLVED");
        }
      }
    }
  }

  private Stream<DynamicTest> table(String table, GroupType type, GroupStatus status) {
    List<String[]> rows =
        table.lines().map(line -> line.strip().split("\\s+")).filter(r -> r.length > 1).toList();
    String[] relations = rows.getFirst();
    Map<String, Function<Actor, GroupCommand>> commands = commands();
    return rows.stream()
        .skip(1)
        .flatMap(
            row -> {
              Function<Actor, GroupCommand> command =
                  Objects.requireNonNull(commands.get(row[0]), () -> "no command " + row[0]);
              assertThat(row).hasSize(relations.length + 1);
              return Stream.iterate(1, i -> i <= relations.length, i -> i + 1)
                  .map(
                      i ->
                          DynamicTest.dynamicTest(
                              row[0] + " by " + relations[i - 1] + " is " + row[i],
                              () ->
                                  assertThat(outcome(type, status, i, command))
                                      .isEqualTo(WORDS.get(row[i]))));
            });
  }

  private String outcome(
      GroupType type, GroupStatus status, long actorId, Function<Actor, GroupCommand> command) {
    Actor actor = new Actor(actorId, "Actor " + actorId);
    GroupState group =
        new GroupState(
            GROUP,
            new Settings(
                type,
                "Name",
                "Topic",
                type == GroupType.ANNOUNCEMENT ? PostingRule.ADMINS : PostingRule.EVERYONE,
                30),
            null,
            status,
            1,
            7,
            HEAD,
            20,
            1,
            NOW.minus(Duration.ofDays(9)));
    CommandEnvelope envelope =
        new CommandEnvelope(
            new UUID(1, 1),
            GROUP,
            actor,
            actorId == 10,
            command.apply(actor),
            Durability.DISK,
            NOW.plusSeconds(5));
    Memberships asked =
        account -> {
          boolean announced =
              Arrays.stream(GroupDecider.accountsNeeded(envelope)).anyMatch(a -> a == account)
                  || (account == group.ownerId() && actorId == 10);
          assertThat(announced).as("account " + account + " is prefetched").isTrue();
          return Optional.ofNullable(memberships().get(account));
        };
    Messages messages =
        seq -> {
          assertThat(GroupDecider.messagesNeeded(envelope)).contains(seq);
          return message(seq, actorId);
        };
    return switch (decider.decide(group, asked, messages, envelope, NOW)) {
      case Decision.Accepted ignored -> "ok";
      case Decision.Marked ignored -> "ok";
      case Decision.Rejected rejected -> rejected.code().name();
    };
  }

  private static Optional<MessageFacts> message(long seq, long actor) {
    return switch ((int) seq) {
      case (int) OWN_MESSAGE ->
          Optional.of(new MessageFacts(seq, EntryKind.MESSAGE_POSTED, actor, false));
      case (int) OTHERS_MESSAGE ->
          Optional.of(new MessageFacts(seq, EntryKind.MESSAGE_POSTED, A_MEMBER.id(), false));
      case (int) OWN_RECALLED ->
          Optional.of(new MessageFacts(seq, EntryKind.MESSAGE_POSTED, actor, true));
      case (int) NO_MESSAGE ->
          Optional.of(new MessageFacts(seq, EntryKind.MEMBER_JOINED, actor, false));
      default -> Optional.empty();
    };
  }

  private static Map<Long, Membership> memberships() {
    Map<Long, Membership> all = new LinkedHashMap<>();
    all.put(1L, membership(THE_OWNER, MemberStatus.ACTIVE, Role.OWNER));
    all.put(2L, membership(new Actor(2, "admin"), MemberStatus.ACTIVE, Role.ADMIN));
    all.put(3L, membership(new Actor(3, "member"), MemberStatus.ACTIVE, Role.MEMBER));
    all.put(4L, muted(new Actor(4, "muted")));
    all.put(5L, membership(new Actor(5, "banned"), MemberStatus.BANNED, Role.MEMBER));
    all.put(6L, membership(new Actor(6, "invited"), MemberStatus.INVITED, Role.MEMBER));
    all.put(7L, membership(new Actor(7, "requester"), MemberStatus.REQUESTED, Role.MEMBER));
    all.put(A_MEMBER.id(), membership(A_MEMBER, MemberStatus.ACTIVE, Role.MEMBER));
    all.put(AN_ADMIN.id(), membership(AN_ADMIN, MemberStatus.ACTIVE, Role.ADMIN));
    all.put(AN_INVITED.id(), membership(AN_INVITED, MemberStatus.INVITED, Role.MEMBER));
    all.put(A_REQUESTER.id(), membership(A_REQUESTER, MemberStatus.REQUESTED, Role.MEMBER));
    all.put(A_BANNED.id(), membership(A_BANNED, MemberStatus.BANNED, Role.MEMBER));
    all.put(A_MUTED.id(), muted(A_MUTED));
    return all;
  }

  private static Membership membership(Actor account, MemberStatus status, Role role) {
    return new Membership(GROUP, account, status, role, null, NOW, 0, 0);
  }

  private static Membership muted(Actor account) {
    return new Membership(GROUP, account, MemberStatus.ACTIVE, Role.MEMBER, LATER, NOW, 0, 0);
  }

  private static Map<String, Function<Actor, GroupCommand>> commands() {
    Map<String, Function<Actor, GroupCommand>> all = new LinkedHashMap<>();
    all.put("change-name", me -> new GroupCommand.ChangeGroup("New", null, null, null));
    all.put("change-nothing", me -> new GroupCommand.ChangeGroup("Name", null, null, 30));
    all.put("change-retention", me -> new GroupCommand.ChangeGroup(null, null, null, 7));
    all.put(
        "open-posting", me -> new GroupCommand.ChangeGroup(null, null, PostingRule.EVERYONE, null));
    all.put("archive", me -> new GroupCommand.ArchiveGroup());
    all.put("restore", me -> new GroupCommand.RestoreGroup());
    all.put("dissolve", me -> new GroupCommand.DissolveGroup());
    all.put(
        "create",
        me ->
            new GroupCommand.CreateGroup(
                GroupType.PUBLIC, "Name", "", PostingRule.EVERYONE, 0, null, List.of()));
    all.put("join", me -> new GroupCommand.JoinGroup());
    all.put("leave", me -> new GroupCommand.LeaveGroup());
    all.put("request", me -> new GroupCommand.RequestToJoin());
    all.put("approve-requester", me -> new GroupCommand.ApproveRequest(A_REQUESTER));
    all.put("approve-outsider", me -> new GroupCommand.ApproveRequest(AN_OUTSIDER));
    all.put("approve-member", me -> new GroupCommand.ApproveRequest(A_MEMBER));
    all.put("decline-requester", me -> new GroupCommand.DeclineRequest(A_REQUESTER));
    all.put("decline-own-request", GroupCommand.DeclineRequest::new);
    all.put("invite-outsider", me -> new GroupCommand.InviteMember(AN_OUTSIDER));
    all.put("invite-member", me -> new GroupCommand.InviteMember(A_MEMBER));
    all.put("invite-invited", me -> new GroupCommand.InviteMember(AN_INVITED));
    all.put("invite-requester", me -> new GroupCommand.InviteMember(A_REQUESTER));
    all.put("invite-banned", me -> new GroupCommand.InviteMember(A_BANNED));
    all.put("accept", me -> new GroupCommand.AcceptInvitation());
    all.put("decline-own-invite", GroupCommand.DeclineInvitation::new);
    all.put("withdraw-invite", me -> new GroupCommand.DeclineInvitation(AN_INVITED));
    all.put("withdraw-none", me -> new GroupCommand.DeclineInvitation(AN_OUTSIDER));
    all.put("add-outsider", me -> new GroupCommand.AddMember(AN_OUTSIDER));
    all.put("add-invited", me -> new GroupCommand.AddMember(AN_INVITED));
    all.put("add-member", me -> new GroupCommand.AddMember(A_MEMBER));
    all.put("add-banned", me -> new GroupCommand.AddMember(A_BANNED));
    all.put("remove-member", me -> new GroupCommand.RemoveMember(A_MEMBER));
    all.put("remove-admin", me -> new GroupCommand.RemoveMember(AN_ADMIN));
    all.put("remove-owner", me -> new GroupCommand.RemoveMember(THE_OWNER));
    all.put("remove-self", GroupCommand.RemoveMember::new);
    all.put("remove-invited", me -> new GroupCommand.RemoveMember(AN_INVITED));
    all.put("remove-outsider", me -> new GroupCommand.RemoveMember(AN_OUTSIDER));
    all.put("ban-member", me -> new GroupCommand.BanMember(A_MEMBER));
    all.put("ban-admin", me -> new GroupCommand.BanMember(AN_ADMIN));
    all.put("ban-owner", me -> new GroupCommand.BanMember(THE_OWNER));
    all.put("ban-outsider", me -> new GroupCommand.BanMember(AN_OUTSIDER));
    all.put("ban-requester", me -> new GroupCommand.BanMember(A_REQUESTER));
    all.put("ban-banned", me -> new GroupCommand.BanMember(A_BANNED));
    all.put("unban-banned", me -> new GroupCommand.UnbanMember(A_BANNED));
    all.put("unban-member", me -> new GroupCommand.UnbanMember(A_MEMBER));
    all.put("mute-member", me -> new GroupCommand.MuteMember(A_MEMBER, LATER));
    all.put("mute-admin", me -> new GroupCommand.MuteMember(AN_ADMIN, LATER));
    all.put("mute-owner", me -> new GroupCommand.MuteMember(THE_OWNER, LATER));
    all.put("mute-until-now", me -> new GroupCommand.MuteMember(A_MEMBER, NOW));
    all.put("mute-muted-alike", me -> new GroupCommand.MuteMember(A_MUTED, LATER));
    all.put("mute-outsider", me -> new GroupCommand.MuteMember(AN_OUTSIDER, LATER));
    all.put("unmute-muted", me -> new GroupCommand.UnmuteMember(A_MUTED));
    all.put("unmute-member", me -> new GroupCommand.UnmuteMember(A_MEMBER));
    all.put("promote-member", me -> new GroupCommand.ChangeRole(A_MEMBER, Role.ADMIN));
    all.put("promote-admin", me -> new GroupCommand.ChangeRole(AN_ADMIN, Role.ADMIN));
    all.put("demote-admin", me -> new GroupCommand.ChangeRole(AN_ADMIN, Role.MEMBER));
    all.put("demote-owner", me -> new GroupCommand.ChangeRole(THE_OWNER, Role.MEMBER));
    all.put("promote-to-owner", me -> new GroupCommand.ChangeRole(A_MEMBER, Role.OWNER));
    all.put("promote-outsider", me -> new GroupCommand.ChangeRole(AN_OUTSIDER, Role.ADMIN));
    all.put("transfer-to-member", me -> new GroupCommand.TransferOwnership(A_MEMBER));
    all.put("transfer-to-owner", me -> new GroupCommand.TransferOwnership(THE_OWNER));
    all.put("transfer-to-invited", me -> new GroupCommand.TransferOwnership(AN_INVITED));
    all.put("post", me -> new GroupCommand.PostMessage("hello", null));
    all.put("reply", me -> new GroupCommand.PostMessage("hello", OTHERS_MESSAGE));
    all.put("reply-to-none", me -> new GroupCommand.PostMessage("hello", NO_MESSAGE));
    all.put("reply-past-head", me -> new GroupCommand.PostMessage("hello", HEAD + 1));
    all.put("edit-own", me -> new GroupCommand.EditMessage(OWN_MESSAGE, "new"));
    all.put("edit-others", me -> new GroupCommand.EditMessage(OTHERS_MESSAGE, "new"));
    all.put("edit-recalled", me -> new GroupCommand.EditMessage(OWN_RECALLED, "new"));
    all.put("edit-none", me -> new GroupCommand.EditMessage(NO_MESSAGE, "new"));
    all.put("recall-own", me -> new GroupCommand.RecallMessage(OWN_MESSAGE));
    all.put("recall-others", me -> new GroupCommand.RecallMessage(OTHERS_MESSAGE));
    all.put("recall-recalled", me -> new GroupCommand.RecallMessage(OWN_RECALLED));
    all.put("recall-none", me -> new GroupCommand.RecallMessage(NO_MESSAGE));
    all.put("mark-read", me -> new GroupCommand.MarkRead(HEAD));
    return all;
  }
}
