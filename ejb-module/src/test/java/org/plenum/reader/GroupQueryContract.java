package org.plenum.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.plenum.group.api.Actor;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupQueryService;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.GroupType;
import org.plenum.group.api.HistoryPage;
import org.plenum.group.api.Latest;
import org.plenum.group.api.MemberStatus;
import org.plenum.group.api.Membership;
import org.plenum.group.api.MyGroup;
import org.plenum.group.api.Page;
import org.plenum.group.api.PostingRule;
import org.plenum.group.api.ReadPoint;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.update.Update;
import org.plenum.writer.TestWriter;

/** What every implementation of the reads must do. */
abstract class GroupQueryContract {
  static final Actor OWNER = new Actor(1, "Ada");
  static final Actor ADMIN = new Actor(2, "Grace");
  static final Actor MEMBER = new Actor(3, "Alan");
  static final Actor INVITED = new Actor(4, "Linus");
  static final Actor BANNED = new Actor(5, "Margaret");
  static final Actor EX_MEMBER = new Actor(6, "Edsger");
  static final Actor OUTSIDER = new Actor(7, "Barbara");

  TestWriter writer;
  GroupQueryService queries;

  /** Makes the reads over the writer's database, current up to a revision. */
  abstract GroupQueryService open(TestWriter source) throws Exception;

  /** A writer on a fresh database. */
  TestWriter writer() throws Exception {
    return new TestWriter();
  }

  /** Tells the reads of updates, if they want to know. */
  abstract void updated(List<Update> updates);

  /** The position that a read carries after the last write. */
  abstract long position();

  /** The point of a caller who has seen the last write. */
  final ReadPoint point() {
    return ReadPoint.of(position());
  }

  @BeforeEach
  void openAll() throws Exception {
    writer = writer();
    queries = open(writer);
  }

  @AfterEach
  void closeAll() throws Exception {
    writer.close();
  }

  void run(GroupId group, Actor actor, GroupCommand command) {
    TestWriter.Done done = writer.execute(group, actor, command);
    done.answer().orThrow();
    updated(done.updates());
  }

  GroupId group(GroupType type, String name) {
    GroupId id = GroupId.newId(writer.clock());
    run(
        id,
        OWNER,
        new GroupCommand.CreateGroup(
            type,
            name,
            "",
            PostingRule.EVERYONE,
            0,
            "key of " + name,
            List.of(ADMIN, MEMBER, BANNED, EX_MEMBER)));
    run(id, OWNER, new GroupCommand.ChangeRole(ADMIN, org.plenum.group.api.Role.ADMIN));
    run(id, OWNER, new GroupCommand.InviteMember(INVITED));
    run(id, OWNER, new GroupCommand.BanMember(BANNED));
    run(id, EX_MEMBER, new GroupCommand.LeaveGroup());
    return id;
  }

  static void isRefused(ErrorCode code, ThrowingCallable read) {
    assertThatThrownBy(read)
        .isInstanceOfSatisfying(
            ServiceException.class, refused -> assertThat(refused.code()).isEqualTo(code));
  }

  @Test
  void aPrivateGroupDoesNotExistForOutsidersAndTheBanned() {
    GroupId group = group(GroupType.PRIVATE, "Apollo");
    for (Actor actor : List.of(OUTSIDER, EX_MEMBER, BANNED)) {
      long account = actor.id();
      isRefused(ErrorCode.GROUP_NOT_FOUND, () -> queries.group(account, group, point()));
      isRefused(
          ErrorCode.GROUP_NOT_FOUND, () -> queries.historyFrom(account, group, 1, 50, point()));
      isRefused(
          ErrorCode.GROUP_NOT_FOUND,
          () -> queries.members(account, group, MemberStatus.ACTIVE, null, 50, point()));
    }
    for (Actor actor : List.of(OWNER, ADMIN, MEMBER, INVITED)) {
      assertThat(queries.group(actor.id(), group, point()).id()).isEqualTo(group);
    }
  }

  @Test
  void historyIsForActiveMembers() {
    GroupId group = group(GroupType.PUBLIC, "General");
    for (Actor actor : List.of(OUTSIDER, EX_MEMBER, BANNED, INVITED)) {
      long account = actor.id();
      assertThat(queries.group(account, group, point()).id()).isEqualTo(group);
      isRefused(ErrorCode.NOT_A_MEMBER, () -> queries.historyFrom(account, group, 1, 50, point()));
      isRefused(
          ErrorCode.NOT_A_MEMBER,
          () -> queries.historyBefore(account, group, Long.MAX_VALUE, 50, point()));
    }
    for (Actor actor : List.of(OWNER, ADMIN, MEMBER)) {
      assertThat(queries.historyFrom(actor.id(), group, 1, 50, point()).entries()).isNotEmpty();
    }
  }

  @Test
  void onlyModeratorsSeeWhoIsNotActive() {
    GroupId group = group(GroupType.PUBLIC, "General");
    isRefused(
        ErrorCode.ROLE_REQUIRED,
        () -> queries.members(MEMBER.id(), group, MemberStatus.BANNED, null, 50, point()));
    for (Actor moderator : List.of(OWNER, ADMIN)) {
      assertThat(
              queries
                  .members(moderator.id(), group, MemberStatus.BANNED, null, 50, point())
                  .items())
          .extracting(member -> member.account().id())
          .containsExactly(BANNED.id());
    }
    assertThat(queries.members(MEMBER.id(), group, MemberStatus.ACTIVE, null, 50, point()).items())
        .extracting(member -> member.account().id())
        .containsExactly(OWNER.id(), ADMIN.id(), MEMBER.id());
  }

  @Test
  void unknownGroupsAreNotFound() {
    group(GroupType.PUBLIC, "General");
    isRefused(
        ErrorCode.GROUP_NOT_FOUND,
        () -> queries.group(OWNER.id(), GroupId.newId(writer.clock()), point()));
  }

  @Test
  void aDissolvedGroupIsGoneForItsMembersAndUnknownToOthers() {
    GroupId group = group(GroupType.PUBLIC, "Gone");
    run(group, OWNER, new GroupCommand.DissolveGroup());
    isRefused(
        ErrorCode.GROUP_DISSOLVED, () -> queries.historyFrom(MEMBER.id(), group, 1, 50, point()));
    isRefused(ErrorCode.GROUP_NOT_FOUND, () -> queries.group(OUTSIDER.id(), group, point()));
    assertThat(queries.groupsOf(OWNER.id(), null, 50, point()).items()).isEmpty();
    assertThat(queries.directory("", null, 50, point()).items()).isEmpty();
  }

  @Test
  void historyRunsBothWaysInPages() {
    GroupId group = group(GroupType.PUBLIC, "General");
    for (int i = 0; i < 150; i++) {
      run(group, MEMBER, new GroupCommand.PostMessage("m" + i, null));
    }
    HistoryPage all = queries.historyFrom(MEMBER.id(), group, 1, 200, point());
    long head = all.head().seq();
    assertThat(all.entries()).hasSize((int) head);
    List<String> forward = new ArrayList<>();
    for (long from = 1; from <= head; ) {
      HistoryPage page = queries.historyFrom(MEMBER.id(), group, from, 50, point());
      assertThat(page.fromSeq()).isEqualTo(from);
      page.entries().forEach(entry -> forward.add(text(entry)));
      from += page.entries().size();
    }
    assertThat(forward).isEqualTo(all.entries().stream().map(GroupQueryContract::text).toList());
    HistoryPage last = queries.historyBefore(MEMBER.id(), group, Long.MAX_VALUE, 50, point());
    assertThat(last.fromSeq()).isEqualTo(head - 49);
    HistoryPage before = queries.historyBefore(MEMBER.id(), group, last.fromSeq(), 50, point());
    assertThat(before.fromSeq()).isEqualTo(head - 99);
    assertThat(queries.historyBefore(MEMBER.id(), group, 1, 50, point()).entries()).isEmpty();
    assertThat(queries.historyFrom(MEMBER.id(), group, head + 1, 50, point()).entries()).isEmpty();
  }

  @Test
  void historyShowsTheCurrentStateAndNothingThatWasTrimmed() {
    GroupId group = group(GroupType.PUBLIC, "General");
    long first = queries.group(MEMBER.id(), group, point()).headSeq() + 1;
    for (int i = 0; i < 70; i++) {
      run(group, MEMBER, new GroupCommand.PostMessage("m" + i, null));
    }
    run(group, MEMBER, new GroupCommand.EditMessage(first + 10, "better"));
    run(group, MEMBER, new GroupCommand.EditMessage(first + 11, "secret"));
    run(group, MEMBER, new GroupCommand.RecallMessage(first + 11));
    updated(writer.trim(group, first + 4));
    HistoryPage page = queries.historyFrom(MEMBER.id(), group, 1, 200, point());
    assertThat(page.firstSeq()).isEqualTo(first + 5);
    assertThat(page.fromSeq()).isEqualTo(first + 5);
    assertThat(text(page.entries().get(5))).contains("\"better\"", "editedAt");
    assertThat(page.entries()).noneMatch(entry -> text(entry).contains("secret"));
    assertThat(text(page.entries().get(6))).contains("recalledAt");
  }

  @Test
  void myGroupsComeInTheOrderOfCreationWithUnread() {
    GroupId one = group(GroupType.PUBLIC, "One");
    GroupId two = group(GroupType.PRIVATE, "Two");
    GroupId three = group(GroupType.REQUEST, "Three");
    run(two, MEMBER, new GroupCommand.PostMessage("hello", null));
    List<GroupId> seen = new ArrayList<>();
    @Nullable String cursor = null;
    do {
      Page<MyGroup> page = queries.groupsOf(ADMIN.id(), cursor, 1, point());
      assertThat(page.items()).hasSizeLessThanOrEqualTo(1);
      page.items().forEach(mine -> seen.add(mine.group().id()));
      cursor = page.next();
    } while (cursor != null);
    assertThat(seen).containsExactly(one, two, three);
    assertThat(queries.groupsOf(ADMIN.id(), null, 50, point()).items())
        .filteredOn(mine -> mine.group().id().equals(two))
        .extracting(MyGroup::unread)
        .containsExactly(1L);
    assertThat(queries.pendingOf(INVITED.id(), null, 50, point()).items()).hasSize(3);
    assertThat(queries.groupsOf(INVITED.id(), null, 50, point()).items()).isEmpty();
  }

  @Test
  void myGroupsShowTheLastMessageAsItIsNow() {
    GroupId group = group(GroupType.PUBLIC, "General");
    assertThat(latest(OWNER, group).message()).isNull();
    run(group, OWNER, new GroupCommand.PostMessage("a".repeat(200), null));
    run(group, MEMBER, new GroupCommand.PostMessage("second", null));
    long second = queries.group(OWNER.id(), group, point()).headSeq();
    run(group, MEMBER, new GroupCommand.EditMessage(second, "second, edited"));
    assertThat(latest(OWNER, group).message())
        .isEqualTo(new Latest.Message(second, MEMBER, "second, edited"));
    run(group, OWNER, new GroupCommand.RecallMessage(second));
    run(group, OUTSIDER, new GroupCommand.JoinGroup());
    assertThat(latest(OWNER, group).message()).isEqualTo(new Latest.Message(second, MEMBER, null));
    assertThat(latest(OWNER, group).at()).isEqualTo(writer.clock().instant());
  }

  @Test
  void aLongTextIsCutInTheListOfMyGroups() {
    GroupId group = group(GroupType.PUBLIC, "General");
    run(group, OWNER, new GroupCommand.PostMessage("😀".repeat(200), null));
    Latest.Message message = latest(OWNER, group).message();
    assertThat(message).isNotNull();
    assertThat(message.text()).isEqualTo("😀".repeat(Latest.MAX_TEXT - 1) + "…");
  }

  @Test
  void theLastMessageIsFoundBehindOtherEntriesOfTheSegmentsBeforeTheHead() {
    GroupId group = group(GroupType.PUBLIC, "General");
    run(group, OWNER, new GroupCommand.PostMessage("the only one", null));
    for (int i = 0; i < 40; i++) {
      run(group, OUTSIDER, new GroupCommand.JoinGroup());
      run(group, OUTSIDER, new GroupCommand.LeaveGroup());
    }
    Latest.Message message = latest(OWNER, group).message();
    assertThat(message).isNotNull();
    assertThat(message.text()).isEqualTo("the only one");
  }

  @Test
  void invitationsShowNothingOfTheStream() {
    GroupId group = group(GroupType.PRIVATE, "Apollo");
    run(group, OWNER, new GroupCommand.PostMessage("secret", null));
    assertThat(queries.pendingOf(INVITED.id(), null, 50, point()).items())
        .hasSize(1)
        .allSatisfy(mine -> assertThat(mine.latest()).isNull());
  }

  private Latest latest(Actor actor, GroupId group) {
    return queries.groupsOf(actor.id(), null, 50, point()).items().stream()
        .filter(mine -> mine.group().id().equals(group))
        .map(MyGroup::latest)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theDirectoryShowsWhatIsNotPrivateByName() {
    group(GroupType.PUBLIC, "Beta 100%");
    group(GroupType.PRIVATE, "Hidden beta");
    group(GroupType.ANNOUNCEMENT, "alpha BETA");
    group(GroupType.REQUEST, "Gamma");
    List<String> names = new ArrayList<>();
    @Nullable String cursor = null;
    do {
      Page<GroupState> page = queries.directory("beta", cursor, 1, point());
      page.items().forEach(group -> names.add(group.settings().name()));
      cursor = page.next();
    } while (cursor != null);
    assertThat(names).containsExactly("alpha BETA", "Beta 100%");
    assertThat(queries.directory("%", null, 50, point()).items()).hasSize(1);
    assertThat(queries.directory("", null, 50, point()).items()).hasSize(3);
  }

  @Test
  void membershipAndKeysAreLookedUpWithoutAuthorization() {
    GroupId group = group(GroupType.PRIVATE, "Apollo");
    assertThat(queries.membership(BANNED.id(), group, point()))
        .map(Membership::status)
        .contains(MemberStatus.BANNED);
    assertThat(queries.membership(OUTSIDER.id(), group, point())).isEmpty();
    assertThat(queries.byKey("key of Apollo")).contains(group);
    assertThat(queries.byKey("none")).isEmpty();
  }

  @Test
  void whatWaitsForAnAnswerIsCountedUpToABound() {
    GroupId group = group(GroupType.REQUEST, "Help desk");
    assertThat(queries.pendingIn(group, 10)).isEqualTo(1);
    run(group, OUTSIDER, new GroupCommand.RequestToJoin());
    assertThat(queries.pendingIn(group, 10)).isEqualTo(2);
    assertThat(queries.pendingIn(group, 1)).isEqualTo(1);
    run(group, OWNER, new GroupCommand.ApproveRequest(OUTSIDER));
    run(group, INVITED, new GroupCommand.DeclineInvitation(INVITED));
    assertThat(queries.pendingIn(group, 10)).isZero();
  }

  @Test
  void aForeignCursorIsRefused() {
    GroupId group = group(GroupType.PUBLIC, "General");
    String foreign = Cursors.ofAccount(3);
    for (String cursor : List.of(foreign, "", "%%%", "AAAA", "x".repeat(5_000))) {
      isRefused(ErrorCode.INVALID_CURSOR, () -> queries.groupsOf(OWNER.id(), cursor, 50, point()));
      isRefused(ErrorCode.INVALID_CURSOR, () -> queries.directory("", cursor, 50, point()));
    }
    isRefused(
        ErrorCode.INVALID_CURSOR,
        () ->
            queries.members(
                OWNER.id(), group, MemberStatus.ACTIVE, Cursors.ofGroup(group), 50, point()));
  }

  private static String text(byte[] entry) {
    return new String(entry, StandardCharsets.UTF_8);
  }
}
