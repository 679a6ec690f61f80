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

/** The caches as a read sees them; what is missing is loaded. Thread-safe. */
final class CachedView implements ReaderView {
  private static final Logger LOG = Logger.getLogger(CachedView.class.getName());

  private final NearCache near;
  private final ReaderSource source;

  CachedView(NearCache near, ReaderSource source) {
    this.near = near;
    this.source = source;
  }

  @Override
  public GroupReplica.@Nullable AsOf group(GroupId id) {
    GroupReplica replica = near.group(id, source::group);
    return replica == null ? null : replica.current();
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
        found.put(id, replica.state());
      }
    }
    if (!missing.isEmpty()) {
      int history = near.history();
      for (GroupReplica loaded : source.groups(missing)) {
        GroupReplica kept = near.keepGroup(loaded, history);
        GroupState state = kept == null ? loaded.state() : kept.state();
        found.put(state.id(), state);
      }
    }
    return found;
  }

  @Override
  public @Nullable Membership membership(long account, GroupId group) {
    return account(account).in(group);
  }

  @Override
  public Map<GroupId, Membership> memberships(long account) {
    return account(account).all();
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
    }
    return found;
  }

  private @Nullable Segment segment(SegmentKey key, long last) {
    Segment segment = near.segment(key, source::segment);
    if (segment != null && segment.lastSeq() < last) {
      // Never seen: the head was applied without its entry. The database has both.
      LOG.warning(() -> "segment " + key + " ends before " + last + ": loaded again");
      near.dropSegment(key);
      segment = near.segment(key, (again, fromTruth) -> source.segment(again, true));
    }
    return segment;
  }
}
