package org.plenum.reader;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.Actor;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.Membership;
import org.plenum.reader.ReaderStore.StoredEntry;
import org.plenum.update.Update;

/**
 * What the database held after a commit, read from it at that time: the measure of every replica.
 *
 * @param revision after the commit
 */
record Truth(
    long revision,
    Map<GroupId, GroupState> groups,
    Map<GroupId, List<StoredEntry>> entries,
    Map<Long, List<Membership>> members) {

  static Truth read(ReaderStore store, List<GroupId> groupIds, List<Actor> people) {
    Map<GroupId, GroupState> groups = new HashMap<>();
    ReaderStore.Loaded<List<GroupState>> loaded = store.groups(groupIds);
    loaded.value().forEach(state -> groups.put(state.id(), state));
    Map<GroupId, List<StoredEntry>> entries = new HashMap<>();
    groupIds.forEach(id -> entries.put(id, store.entries(id, 1, Long.MAX_VALUE).value()));
    Map<Long, List<Membership>> members = new HashMap<>();
    people.forEach(person -> members.put(person.id(), store.memberships(person.id()).value()));
    return new Truth(loaded.revision(), groups, entries, members);
  }

  @Nullable GroupReplica group(GroupId id) {
    GroupState state = groups.get(id);
    return state == null ? null : new GroupReplica(state, revision);
  }

  @Nullable Segment segment(SegmentKey key) {
    List<StoredEntry> within = within(key);
    return within.isEmpty() ? null : Segment.of(key, within, revision);
  }

  AccountReplica account(long account) {
    return new AccountReplica(account, members.getOrDefault(account, List.of()), revision);
  }

  List<StoredEntry> within(SegmentKey key) {
    return entries.getOrDefault(key.group(), List.of()).stream()
        .filter(entry -> entry.seq() >= key.first() && entry.seq() <= key.last())
        .toList();
  }

  /** Every segment that has entries. */
  List<SegmentKey> segments() {
    List<SegmentKey> keys = new ArrayList<>();
    entries.forEach(
        (group, stored) ->
            stored.stream()
                .map(entry -> SegmentKey.of(group, entry.seq()))
                .distinct()
                .forEach(keys::add));
    return keys;
  }

  void isHeldBy(GroupReplica replica) {
    assertThat(replica.state()).isEqualTo(groups.get(replica.state().id()));
  }

  void isHeldBy(Segment segment) {
    List<StoredEntry> within = within(segment.key());
    assertThat(within).isNotEmpty();
    assertThat(segment.lastSeq()).isEqualTo(within.getLast().seq());
    for (long seq = segment.key().first(); seq <= segment.lastSeq(); seq++) {
      long each = seq;
      String expected =
          within.stream()
              .filter(entry -> entry.seq() == each)
              .map(entry -> new String(entry.json(), java.nio.charset.StandardCharsets.UTF_8))
              .findFirst()
              .orElse("");
      byte[] held = segment.entry(seq);
      assertThat(held == null ? "" : new String(held, java.nio.charset.StandardCharsets.UTF_8))
          .as("entry %s of %s", seq, segment.key())
          .isEqualTo(expected);
    }
  }

  void isHeldBy(AccountReplica replica) {
    assertThat(replica.all()).isEqualTo(account(replica.account()).all());
  }

  /** Everything that the near cache holds is this. */
  void isHeldBy(NearCache near) {
    near.groups().forEach(this::isHeldBy);
    near.segments().forEach(this::isHeldBy);
    near.accounts().forEach(this::isHeldBy);
  }

  static long last(List<Update> updates) {
    return updates.getLast().revision();
  }
}
