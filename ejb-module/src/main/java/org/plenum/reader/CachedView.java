package org.plenum.reader;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.Membership;
import org.plenum.group.api.ReadPoint;

/**
 * The caches as one read sees them; what is missing is loaded. What it shows is noted: values that
 * were loaded may be ahead of what is applied here. Not thread-safe.
 */
final class CachedView implements ReaderView {
  private static final Logger LOG = Logger.getLogger(CachedView.class.getName());

  private final NearCache near;
  private final ReaderSource source;
  private final ReadPoint point;

  CachedView(NearCache near, ReaderSource source, ReadPoint point) {
    this.near = near;
    this.source = source;
    this.point = point;
  }

  @Override
  public boolean reached(long revision) {
    return near.applied() >= revision;
  }

  @Override
  public GroupReplica.@Nullable AsOf group(GroupId id) {
    GroupReplica replica = near.group(id, source::group);
    GroupReplica.AsOf current = replica == null ? null : replica.current();
    shows(current == null ? 0 : current.revision());
    return current;
  }

  @Override
  public Map<GroupId, GroupState> groups(Collection<GroupId> ids) {
    Map<GroupId, GroupState> found = new HashMap<>();
    List<GroupId> missing = new ArrayList<>();
    for (GroupId id : ids) {
      GroupReplica replica = near.groupIfPresent(id);
      if (replica == null) {
        missing.add(id);
      } else {
        found.put(id, current(replica));
      }
    }
    if (!missing.isEmpty()) {
      int history = near.history();
      for (GroupReplica loaded : source.groups(missing)) {
        GroupReplica kept = near.keepGroup(loaded, history);
        GroupState state = current(kept == null ? loaded : kept);
        found.put(state.id(), state);
      }
    }
    return found;
  }

  @Override
  public @Nullable Membership membership(long account, GroupId group) {
    AccountReplica replica = account(account);
    Membership membership = replica.in(group);
    shows(replica.revision());
    return membership;
  }

  @Override
  public Map<GroupId, Membership> memberships(long account) {
    AccountReplica replica = account(account);
    Map<GroupId, Membership> all = replica.all();
    shows(replica.revision());
    return all;
  }

  AccountReplica account(long account) {
    AccountReplica replica = near.account(account, source::account);
    if (replica == null) {
      throw new IllegalStateException("an account always has a set of relations, even if empty");
    }
    return replica;
  }

  @Override
  public List<byte[]> entries(GroupState head, long from, long to) {
    List<byte[]> found = new ArrayList<>((int) Math.max(0, to - from + 1));
    for (long seq = from; seq <= to; ) {
      SegmentKey key = SegmentKey.of(head.id(), seq);
      long last = Math.min(to, key.last());
      Segment segment = segment(key, last);
      for (; seq <= last; seq++) {
        byte[] entry = segment == null ? null : segment.entry(seq);
        if (entry != null) {
          found.add(entry);
        }
      }
      shows(segment == null ? 0 : segment.revision());
    }
    return found;
  }

  private GroupState current(GroupReplica replica) {
    GroupReplica.AsOf current = replica.current();
    shows(current.revision());
    return current.state();
  }

  /**
   * Notes what was read, after it was read: its own revision, which may be ahead of what is applied
   * here, and what is being applied in this moment, which its own revision may not say yet.
   */
  private void shows(long revision) {
    point.shows(revision);
    point.shows(near.visible());
  }

  private @Nullable Segment segment(SegmentKey key, long last) {
    Segment segment =
        near.segment(key, (missing, fromTruth) -> source.segment(missing, fromTruth, point));
    if (segment != null && segment.lastSeq() < last) {
      // The group was loaded ahead of what is applied here. The database has both.
      LOG.fine(() -> "segment " + key + " ends before " + last + ": loaded again");
      near.dropSegment(key);
      segment = near.segment(key, (again, fromTruth) -> source.segment(again, true, point));
      if (segment != null && segment.lastSeq() < last) {
        // Of another reader, who took it from the room meanwhile.
        segment = source.segment(key, true, point);
      }
    }
    return segment;
  }
}
