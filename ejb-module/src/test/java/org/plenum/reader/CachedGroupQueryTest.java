package org.plenum.reader;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupQueryService;
import org.plenum.group.api.GroupQueryService.Subscriptions;
import org.plenum.group.api.GroupType;
import org.plenum.platform.ErrorCode;
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
    queries.groupsOf(MEMBER.id(), null, 50, position());
    GroupQueryService cut = over(new AbsentStore());
    run(group, MEMBER, new GroupCommand.PostMessage("still here", null));
    assertThat(cut.historyFrom(MEMBER.id(), group, 1, 200, position()).entries()).isNotEmpty();
    assertThat(cut.groupsOf(MEMBER.id(), null, 50, position()).items()).hasSize(1);
    assertThat(cut.membership(MEMBER.id(), group, position())).isPresent();
    isRefused(ErrorCode.READ_UNAVAILABLE, () -> cut.groupsOf(99, null, 50, position()));
  }

  @Test
  void aReadNeverGoesBackBehindThePositionItCarries() {
    GroupId group = group(GroupType.PUBLIC, "General");
    TestWriter.Done done =
        writer.execute(group, MEMBER, new GroupCommand.PostMessage("not here yet", null));
    long seen = done.updates().getLast().revision();
    long head = queries.historyFrom(MEMBER.id(), group, 1, 200, 0).head().seq();
    // The stream is behind: the database answers.
    assertThat(queries.historyFrom(MEMBER.id(), group, 1, 200, seen).head().seq())
        .isEqualTo(head + 1);
    isRefused(
        ErrorCode.POSITION_NOT_REACHED,
        () -> queries.historyFrom(MEMBER.id(), group, 1, 200, seen + 1));
    near.onUpdates(done.updates());
    assertThat(queries.historyFrom(MEMBER.id(), group, 1, 200, seen).head().seq())
        .isEqualTo(head + 1);
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
