package org.plenum.reader;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.plenum.group.api.Actor;
import org.plenum.group.api.GroupId;
import org.plenum.update.Update;
import org.plenum.writer.TestWriter;

/** Applying the updates to what was held before gives what a fresh load gives, for every kind. */
abstract class UpdateReplicaContract {
  static final int STEPS = 700;

  /** A writer on a fresh database. */
  abstract TestWriter writer() throws Exception;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whatFollowedTheUpdatesIsWhatAFreshLoadGives(long seed) throws Exception {
    try (TestWriter writer = writer()) {
      ReaderStore store = new JdbcReaderStore(writer.dataSource(), Duration.ofSeconds(5));
      RandomChat chat = new RandomChat(writer, new Random(seed));
      NearCache near = new NearCache(TestConfig.of(1_000), TestConfig.meters(), value -> {});
      near.startAt(0);
      ReaderSource source =
          new ReaderSource(store, new RoomReplica(null, TestConfig.meters()), TestConfig.meters());
      for (Actor person : chat.people) {
        near.account(person.id(), source::account);
      }
      for (int step = 0; step < STEPS; step++) {
        List<Update> updates = chat.step();
        if (!updates.isEmpty()) {
          near.onUpdates(updates);
          if (step % 10 == 0) {
            Truth.read(store, chat.groups, chat.people).isHeldBy(near);
          }
        }
      }
      Truth truth = Truth.read(store, chat.groups, chat.people);
      truth.isHeldBy(near);
      // They were not reloaded on the way: the groups are all still here.
      assertThat(near.groups()).hasSameSizeAs(chat.groups);
      assertThat(near.accounts()).hasSameSizeAs(chat.people);
    }
  }

  @Test
  void aValueOfTheRoomFollowsAsWell() throws Exception {
    try (TestWriter writer = writer()) {
      ReaderStore store = new JdbcReaderStore(writer.dataSource(), Duration.ofSeconds(5));
      RandomChat chat = new RandomChat(writer, new Random(4));
      List<Update> updates = new ArrayList<>();
      while (updates.size() < 150) {
        updates.addAll(chat.step());
      }
      Truth early = Truth.read(store, chat.groups, chat.people);
      List<GroupId> groups = List.copyOf(chat.groups);
      List<Update> later = new ArrayList<>();
      while (later.size() < 150) {
        later.addAll(chat.step());
      }
      Truth late = Truth.read(store, chat.groups, chat.people);
      for (SegmentKey key : early.segments()) {
        Segment before = early.segment(key);
        assertThat(before).isNotNull();
        Segment segment = RoomCodec.segment(before.encoded(), 0);
        if (later.stream().allMatch(segment::apply)) {
          late.isHeldBy(segment);
        }
      }
      for (Actor person : chat.people) {
        AccountReplica account = RoomCodec.account(early.account(person.id()).encoded(), 0);
        assertThat(later).allMatch(account::apply);
        late.isHeldBy(account);
      }
      for (GroupId id : groups) {
        GroupReplica before = early.group(id);
        assertThat(before).isNotNull();
        GroupReplica group = RoomCodec.group(RoomCodec.encode(before.state(), early.revision()), 0);
        assertThat(later).allMatch(group::apply);
        late.isHeldBy(group);
      }
    }
  }
}
