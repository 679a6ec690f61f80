package org.plenum.reader;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.Membership;
import org.plenum.group.api.ReadPoint;
import org.plenum.reader.ReaderStore.Loaded;
import org.plenum.reader.ReaderStore.StoredEntry;

/**
 * Where the near cache loads from: the cache of the room, then the database. Thread-safe; blocks.
 */
final class ReaderSource {
  private final ReaderStore store;
  private final RoomReplica room;
  private final ReaderMeters meters;

  ReaderSource(ReaderStore store, RoomReplica room, ReaderMeters meters) {
    this.store = store;
    this.room = room;
    this.meters = meters;
  }

  /** A group; null when there is none. */
  @Nullable GroupReplica group(GroupId id, boolean fromTruth) {
    GroupReplica cached = fromTruth ? null : room.group(id);
    if (cached != null) {
      return cached;
    }
    List<GroupReplica> found = groups(List.of(id));
    return found.isEmpty() ? null : found.getFirst();
  }

  /** Groups from the database, in one go. */
  List<GroupReplica> groups(Collection<GroupId> ids) {
    meters.databaseReads().increment();
    Loaded<List<GroupState>> loaded = store.groups(ids);
    return loaded.value().stream()
        .map(state -> new GroupReplica(state, loaded.revision()))
        .toList();
  }

  /**
   * A segment; null when none of its entries exists.
   *
   * @param point is shown that, too: they may just have been trimmed away
   */
  @Nullable Segment segment(SegmentKey key, boolean fromTruth, ReadPoint point) {
    Segment cached = fromTruth ? null : room.segment(key);
    if (cached != null) {
      return cached;
    }
    meters.databaseReads().increment();
    Loaded<List<StoredEntry>> loaded = store.entries(key.group(), key.first(), key.last());
    if (loaded.value().isEmpty()) {
      point.shows(loaded.revision());
      return null;
    }
    return Segment.of(key, loaded.value(), loaded.revision());
  }

  /** An account's relations, none for an account unknown here. */
  AccountReplica account(Long account, boolean fromTruth) {
    AccountReplica cached = fromTruth ? null : room.account(account);
    if (cached != null) {
      return cached;
    }
    meters.databaseReads().increment();
    Loaded<List<Membership>> loaded = store.memberships(account);
    return new AccountReplica(account, loaded.value(), loaded.revision());
  }
}
