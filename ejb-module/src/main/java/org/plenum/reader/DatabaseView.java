package org.plenum.reader;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.Membership;
import org.plenum.group.api.ReadPoint;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.reader.ReaderStore.Loaded;
import org.plenum.reader.ReaderStore.StoredEntry;

/**
 * The database as a read sees it that carries a position ahead of the caches. When even the
 * database is behind the read is refused rather than going back in time: a write acknowledged from
 * memory is stored a moment later, unless it was lost with a crash. Only the caller can decide to
 * see less than before, by leaving the position out. Thread-safe.
 */
final class DatabaseView implements ReaderView {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final ReaderStore store;
  private final ReadPoint point;

  DatabaseView(ReaderStore store, ReadPoint point) {
    this.store = store;
    this.point = point;
  }

  /** The value, when it is not older than what the caller has seen; it shows what it contains. */
  static <T> T recent(Loaded<T> loaded, ReadPoint point) {
    if (loaded.revision() < point.seen()) {
      throw new ServiceException(
          ErrorCode.POSITION_NOT_REACHED,
          "the position " + point.seen() + " is not stored; the last one is " + loaded.revision(),
          RETRY_AFTER,
          null);
    }
    point.shows(loaded.revision());
    return loaded.value();
  }

  /** Each of its reads is newer than the one before. */
  @Override
  public boolean reached(long revision) {
    return true;
  }

  @Override
  public GroupReplica.@Nullable AsOf group(GroupId id) {
    Loaded<List<GroupState>> loaded = store.groups(List.of(id));
    List<GroupState> found = recent(loaded, point);
    return found.isEmpty() ? null : new GroupReplica.AsOf(found.getFirst(), loaded.revision());
  }

  @Override
  public Map<GroupId, GroupState> groups(Collection<GroupId> ids) {
    Map<GroupId, GroupState> found = new HashMap<>();
    for (GroupState state : recent(store.groups(ids), point)) {
      found.put(state.id(), state);
    }
    return found;
  }

  @Override
  public @Nullable Membership membership(long account, GroupId group) {
    return memberships(account).get(group);
  }

  @Override
  public Map<GroupId, Membership> memberships(long account) {
    Map<GroupId, Membership> found = new HashMap<>();
    for (Membership membership : recent(store.memberships(account), point)) {
      found.put(membership.group(), membership);
    }
    return found;
  }

  @Override
  public List<byte[]> entries(GroupState head, long from, long to) {
    List<byte[]> found = new ArrayList<>();
    for (StoredEntry entry : recent(store.entries(head.id(), from, to), point)) {
      found.add(entry.json());
    }
    return found;
  }
}
