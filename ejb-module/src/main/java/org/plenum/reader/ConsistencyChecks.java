package org.plenum.reader;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupState;
import org.plenum.reader.ReaderStore.StoredEntry;
import org.plenum.reader.api.ConsistencyReport;
import org.plenum.reader.api.ConsistencyReport.Difference;

/**
 * Compares what the caches hold with the database. Values change while they are compared: only what
 * differs in each of {@value #ATTEMPTS} looks is a difference. Reads only; blocks.
 */
final class ConsistencyChecks {
  private static final int ATTEMPTS = 4;
  private static final long PAUSE_MILLIS = 150;

  private final NearCache near;
  private final RoomReplica room;
  private final ReaderStore store;

  ConsistencyChecks(NearCache near, RoomReplica room, ReaderStore store) {
    this.near = near;
    this.room = room;
    this.store = store;
  }

  /**
   * Compares.
   *
   * @param sample values of each kind at most; 0 for all that the near cache holds
   */
  ConsistencyReport run(int sample) {
    List<Difference> differences = new ArrayList<>();
    List<GroupReplica> groups = some(near.groups(), sample);
    for (GroupReplica group : groups) {
      compareGroup(group.state().id(), differences);
    }
    List<Segment> segments = some(near.segments(), sample);
    for (Segment segment : segments) {
      compareSegment(segment.key(), differences);
    }
    List<AccountReplica> accounts = some(near.accounts(), sample);
    for (AccountReplica account : accounts) {
      compareAccount(account.account(), differences);
    }
    return new ConsistencyReport(
        near.applied(), groups.size(), segments.size(), accounts.size(), differences);
  }

  private static <T> List<T> some(List<T> all, int sample) {
    return sample <= 0 || all.size() <= sample ? all : all.subList(0, sample);
  }

  private void compareGroup(GroupId id, List<Difference> differences) {
    String key = RoomCodec.key(id);
    check(
        "near",
        "group",
        key,
        differences,
        () -> {
          GroupReplica replica = near.groupIfPresent(id);
          return replica == null ? null : difference(truth(id), replica.state());
        });
    check(
        "room",
        "group",
        key,
        differences,
        () -> {
          GroupReplica replica = room.group(id);
          return replica == null ? null : difference(truth(id), replica.state());
        });
  }

  private @Nullable GroupState truth(GroupId id) {
    return store.groups(List.of(id)).value().stream().findFirst().orElse(null);
  }

  private static @Nullable String difference(@Nullable GroupState truth, GroupState cached) {
    if (Objects.equals(truth, cached)) {
      return null;
    }
    return truth == null
        ? "not in the database"
        : "head " + cached.headSeq() + ", in the database " + truth.headSeq();
  }

  private void compareSegment(SegmentKey key, List<Difference> differences) {
    check(
        "near",
        "segment",
        RoomCodec.key(key),
        differences,
        () -> difference(key, near.segmentIfPresent(key)));
    check(
        "room",
        "segment",
        RoomCodec.key(key),
        differences,
        () -> difference(key, room.segment(key)));
  }

  private @Nullable String difference(SegmentKey key, @Nullable Segment cached) {
    if (cached == null) {
      return null;
    }
    List<StoredEntry> truth = store.entries(key.group(), key.first(), key.last()).value();
    long last = truth.isEmpty() ? key.first() - 1 : truth.getLast().seq();
    if (last != cached.lastSeq()) {
      return "ends at " + cached.lastSeq() + ", in the database at " + last;
    }
    for (StoredEntry entry : truth) {
      if (!Arrays.equals(entry.json(), cached.entry(entry.seq()))) {
        return "entry " + entry.seq() + " has another content";
      }
    }
    return null;
  }

  private void compareAccount(long account, List<Difference> differences) {
    String key = RoomCodec.key(account);
    check(
        "near",
        "account",
        key,
        differences,
        () -> difference(account, near.accountIfPresent(account)));
    check("room", "account", key, differences, () -> difference(account, room.account(account)));
  }

  private @Nullable String difference(long account, @Nullable AccountReplica cached) {
    if (cached == null) {
      return null;
    }
    AccountReplica truth = new AccountReplica(account, store.memberships(account).value(), 0);
    return truth.all().equals(cached.all())
        ? null
        : cached.all().size() + " relations, in the database " + truth.all().size();
  }

  private void check(
      String cache,
      String kind,
      String key,
      List<Difference> differences,
      Supplier<@Nullable String> comparison) {
    String detail = comparison.get();
    for (int attempt = 1; detail != null && attempt < ATTEMPTS; attempt++) {
      // Nothing is ever applied up to there: this is a pause that ends early on interruption.
      near.awaitApplied(Long.MAX_VALUE, PAUSE_MILLIS);
      detail = comparison.get();
    }
    if (detail != null && differences.size() < ConsistencyReport.MAX_DIFFERENCES) {
      differences.add(new Difference(cache, kind, key, detail));
    }
  }
}
