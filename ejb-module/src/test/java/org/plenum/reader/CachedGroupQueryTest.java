package org.plenum.reader;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupQueryService;
import org.plenum.group.api.GroupQueryService.Subscriptions;
import org.plenum.group.api.GroupType;
import org.plenum.group.api.HistoryPage;
import org.plenum.group.api.MemberStatus;
import org.plenum.group.api.ReadPoint;
import org.plenum.platform.ErrorCode;
import org.plenum.update.JdbcUpdateLog;
import org.plenum.update.OrderedUpdateStream;
import org.plenum.update.Update;
import org.plenum.writer.TestWriter;

/** The reads from a near cache that follows the updates. */
class CachedGroupQueryTest extends GroupQueryContract {
  private NearCache near;

  @Override
  GroupQueryService open(TestWriter source) {
    near = new NearCache(TestConfig.of(1_000), TestConfig.meters(), value -> {});
    near.startAt(0);
    return over(new JdbcReaderStore(source.dataSource(), Duration.ofSeconds(5)));
  }

  private ReaderStore store() {
    return new JdbcReaderStore(writer.dataSource(), Duration.ofSeconds(5));
  }

  private GroupQueryService over(ReaderStore store) {
    ReaderMeters meters = TestConfig.meters();
    return new GroupQueries(
        near,
        new ReaderSource(store, new RoomReplica(null, meters), meters),
        store,
        Duration.ofMillis(20),
        meters);
  }

  @Override
  void updated(List<Update> updates) {
    near.onUpdates(updates);
  }

  @Override
  long position() {
    return near.applied();
  }

  @Test
  void withoutTheDatabaseWhatIsCachedGoesOnBeingServed() {
    GroupId group = group(GroupType.PRIVATE, "Apollo");
    queries.groupsOf(MEMBER.id(), null, 50, point());
    GroupQueryService cut = over(new AbsentStore());
    run(group, MEMBER, new GroupCommand.PostMessage("still here", null));
    assertThat(cut.historyFrom(MEMBER.id(), group, 1, 200, point()).entries()).isNotEmpty();
    assertThat(cut.groupsOf(MEMBER.id(), null, 50, point()).items()).hasSize(1);
    assertThat(cut.membership(MEMBER.id(), group, point())).isPresent();
    isRefused(ErrorCode.READ_UNAVAILABLE, () -> cut.groupsOf(99, null, 50, point()));
  }

  @Test
  void aReadNeverGoesBackBehindThePositionItCarries() {
    GroupId group = group(GroupType.PUBLIC, "General");
    TestWriter.Done done =
        writer.execute(group, MEMBER, new GroupCommand.PostMessage("not here yet", null));
    long seen = done.updates().getLast().revision();
    long head = queries.historyFrom(MEMBER.id(), group, 1, 200, ReadPoint.any()).head().seq();
    // The stream is behind: the database answers.
    assertThat(queries.historyFrom(MEMBER.id(), group, 1, 200, ReadPoint.of(seen)).head().seq())
        .isEqualTo(head + 1);
    isRefused(
        ErrorCode.POSITION_NOT_REACHED,
        () -> queries.historyFrom(MEMBER.id(), group, 1, 200, ReadPoint.of(seen + 1)));
    near.onUpdates(done.updates());
    assertThat(queries.historyFrom(MEMBER.id(), group, 1, 200, ReadPoint.of(seen)).head().seq())
        .isEqualTo(head + 1);
  }

  @Test
  void aReadThatIsAheadOfTheStreamSaysHowFar() {
    GroupId group = group(GroupType.PUBLIC, "General");
    GroupId other = group(GroupType.PUBLIC, "Other");
    long applied = near.applied();
    ReadPoint cached = point();
    queries.historyFrom(MEMBER.id(), group, 1, 200, cached);
    assertThat(cached.shown()).isEqualTo(applied);
    long seen = post(group).updates().getLast().revision();
    Update last = post(group).updates().getLast();
    long next = last.revision();
    near = new NearCache(TestConfig.of(1_000), TestConfig.meters(), value -> {});
    near.startAt(applied);
    GroupQueryService behind = over(store());

    // From the database, since this node is behind the caller: it has more than was asked for.
    ReadPoint ahead = ReadPoint.of(seen);
    assertThat(behind.historyFrom(MEMBER.id(), group, 1, 200, ahead).entries())
        .hasSize(Math.toIntExact(last.seq()));
    assertThat(ahead.shown()).isEqualTo(next);
    // From the database, since it is not in memory; then from memory, where it stays ahead.
    for (int n = 0; n < 2; n++) {
      ReadPoint loaded = ReadPoint.any();
      behind.group(MEMBER.id(), group, loaded);
      assertThat(loaded.shown()).isEqualTo(next);
      ReadPoint page = ReadPoint.any();
      behind.groupsOf(MEMBER.id(), null, 50, page);
      assertThat(page.shown()).isEqualTo(next);
      ReadPoint list = ReadPoint.any();
      behind.directory("", null, 50, list);
      assertThat(list.shown()).isEqualTo(next);
      ReadPoint members = ReadPoint.any();
      behind.members(MEMBER.id(), other, MemberStatus.ACTIVE, null, 50, members);
      assertThat(members.shown()).isEqualTo(next);
    }
    assertThat(near.applied()).isEqualTo(applied);
  }

  @Test
  void aPageWhoseEntriesMayLackWhatTheGroupHasSaysSo() {
    GroupId group = group(GroupType.PUBLIC, "General");
    queries.historyFrom(MEMBER.id(), group, 1, 200, point());
    TestWriter.Done done = post(group);
    GroupQueryService behind = loadedAhead(group);
    assertThat(behind.historyFrom(MEMBER.id(), group, 1, 1, ReadPoint.any()).exact()).isFalse();
    near.onUpdates(done.updates());
    assertThat(behind.historyFrom(MEMBER.id(), group, 1, 1, ReadPoint.any()).exact()).isTrue();
  }

  /** The node is where it was, but the group is loaded as it is now. */
  private GroupQueryService loadedAhead(GroupId group) {
    long applied = near.applied();
    near = new NearCache(TestConfig.of(1_000), TestConfig.meters(), value -> {});
    near.startAt(applied);
    GroupQueryService behind = over(store());
    behind.groupsOf(MEMBER.id(), null, 50, ReadPoint.any());
    assertThat(near.applied()).isEqualTo(applied);
    return behind;
  }

  @Test
  void thatEntriesAreNoLongerThereIsShownAsWell() throws Exception {
    GroupId group = group(GroupType.PUBLIC, "General");
    queries.group(MEMBER.id(), group, point());
    long head = post(group).updates().getLast().revision();
    near.dropSegment(SegmentKey.of(group, 1));
    writer.sql("DELETE FROM timeline_entry WHERE seq > 0");
    ReadPoint point = ReadPoint.any();
    assertThat(queries.historyFrom(MEMBER.id(), group, 1, 50, point).entries()).isEmpty();
    assertThat(point.shown()).isEqualTo(head);
  }

  @Test
  void aNodeThatIsBehindIsWaitedForOnceInARequest() {
    GroupId group = group(GroupType.PUBLIC, "General");
    ReadPoint point = ReadPoint.of(post(group).updates().getLast().revision());
    assertThat(point.isBehind()).isFalse();
    queries.group(MEMBER.id(), group, point);
    assertThat(point.isBehind()).isTrue();
    queries.membership(MEMBER.id(), group, point);
    assertThat(point.shown()).isEqualTo(point.seen());
  }

  @Test
  void whatWasReadLateIsAsLaterUpdatesLeftItAndSaysSo() throws Exception {
    GroupId group = group(GroupType.PUBLIC, "General");
    queries.historyFrom(MEMBER.id(), group, 1, 200, point());
    Update posted = post(group).updates().getLast();
    TestWriter.Done edited =
        writer.execute(group, MEMBER, new GroupCommand.EditMessage(posted.seq(), "better"));
    long last = edited.updates().getLast().revision();
    List<Update> late = new JdbcUpdateLog(writer.dataSource()).after(posted.revision() - 1, 1);
    assertThat(posted.changedLater()).isFalse();
    assertThat(late.getFirst().changedLater()).isTrue();

    // A node that reads one update at a time, and stops after the first.
    OrderedUpdateStream stream =
        new OrderedUpdateStream(new JdbcUpdateLog(writer.dataSource()), 8, 8, 1, 1);
    stream.startAt(near.applied());
    stream.subscribe(near);
    CompletableFuture<ReadPoint> seen = new CompletableFuture<>();
    stream.subscribe(
        updates -> {
          ReadPoint during = ReadPoint.any();
          HistoryPage page = queries.historyFrom(MEMBER.id(), group, posted.seq(), 1, during);
          assertThat(new String(page.entries().getFirst(), StandardCharsets.UTF_8))
              .contains("better");
          seen.complete(during);
        });
    Thread loop = Thread.ofVirtual().start(stream::run);
    try {
      assertThat(seen.get(30, TimeUnit.SECONDS).shown()).isEqualTo(last);
    } finally {
      stream.stop();
      loop.interrupt();
      loop.join();
    }
  }

  @Test
  void whatIsSeenWhileItIsAppliedIsNamed() throws Exception {
    GroupId group = group(GroupType.PUBLIC, "General");
    queries.historyFrom(MEMBER.id(), group, 1, 200, point());
    OrderedUpdateStream stream =
        new OrderedUpdateStream(new JdbcUpdateLog(writer.dataSource()), 8, 8, 8, 60_000);
    stream.startAt(near.applied());
    stream.subscribe(near);
    TestWriter.Done done = post(group);
    long revision = done.updates().getLast().revision();
    CompletableFuture<String> seen = new CompletableFuture<>();
    stream.subscribe(
        updates -> {
          ReadPoint during = ReadPoint.any();
          long head = queries.historyFrom(MEMBER.id(), group, 1, 200, during).head().seq();
          seen.complete(head + " " + stream.appliedRevision() + " " + during.shown());
        });
    Thread loop = Thread.ofVirtual().start(stream::run);
    try {
      stream.offer(done.updates());
      assertThat(seen.get(30, TimeUnit.SECONDS))
          .isEqualTo(done.updates().getLast().seq() + " " + (revision - 1) + " " + revision);
    } finally {
      stream.stop();
      loop.interrupt();
      loop.join();
    }
  }

  private TestWriter.Done post(GroupId group) {
    return writer.execute(group, MEMBER, new GroupCommand.PostMessage("not here yet", null));
  }

  @Test
  void subscriptionsHoldAsOfTheirRevision() {
    GroupId group = group(GroupType.PRIVATE, "Apollo");
    group(GroupType.PUBLIC, "General");
    Subscriptions mine = queries.subscriptions(MEMBER.id());
    assertThat(mine.revision()).isEqualTo(near.applied());
    assertThat(mine.groups()).hasSize(2).containsKey(group);
    assertThat(queries.subscriptions(INVITED.id()).groups()).isEmpty();
    assertThat(queries.subscriptions(OUTSIDER.id()).groups()).isEmpty();
  }
}
