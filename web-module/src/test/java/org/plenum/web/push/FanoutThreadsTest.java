package org.plenum.web.push;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupId;
import org.plenum.update.Update;

/** Which fan-out thread has what. */
class FanoutThreadsTest {
  private final World world = new World(3);
  private final FanoutThreads threads = new FanoutThreads(new PushMeters(world));

  FanoutThreadsTest() {
    threads.are(world.workers());
  }

  private static GroupId group(long random) {
    return new GroupId(new UUID(0x0199c0de00007000L, random));
  }

  private static Update update(long revision, GroupId group) {
    return new Update(
        revision, 1, group, revision, EntryKind.MESSAGE_POSTED, 1, 0, 0, 1, new byte[] {'1'});
  }

  @Test
  void aGroupIsAlwaysTheSameThreads() {
    GroupId group = group(0x8000_0000_0000_0005L);
    assertThat(threads.of(group)).isSameAs(threads.get(threads.slot(group)));
    assertThat(threads.of(world.open(1).connection(), group)).isSameAs(threads.of(group));
  }

  @Test
  void updatesGoToTheThreadsOfTheirGroupsInOrder() {
    List<Update> updates = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      updates.add(update(i + 1, group(i % 2)));
    }
    assertThat(threads.hand(updates, 100)).isTrue();
    assertThat(threads.of(group(0)).backlog()).isEqualTo(5);
    assertThat(threads.of(group(1)).backlog()).isEqualTo(4);
    assertThat(threads.get(2).backlog()).isZero();
    assertThat(threads.backlog()).isEqualTo(9);
  }

  @Test
  void oneThreadThatHasTooManyDoesNotKeepTheOthersFromTheirs() {
    List<Update> updates = List.of(update(1, group(0)), update(2, group(0)));
    assertThat(threads.hand(updates, 1)).isTrue();
    assertThat(threads.hand(List.of(update(3, group(0)), update(4, group(1))), 1)).isFalse();
    assertThat(threads.of(group(0)).backlog()).isEqualTo(2);
    assertThat(threads.of(group(1)).backlog()).isEqualTo(1);
  }

  @Test
  void aConnectionWhoseWorkEndsInAnErrorIsClosedSoThatItMissesNothingInSilence() {
    PushConnection connection = world.open(1).connection();
    threads.postFor(
        threads.get(0),
        connection,
        worker -> {
          throw new StackOverflowError("a test's");
        });
    threads.get(0).runOnce();
    assertThat(connection.closing()).isTrue();
  }
}
