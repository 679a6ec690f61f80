package org.plenum.reader;

import java.time.Instant;
import org.plenum.group.api.Actor;
import org.plenum.group.api.GroupEvent;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupProjection;
import org.plenum.group.api.GroupState;
import org.plenum.update.Entry;
import org.plenum.update.EntryCodec;
import org.plenum.update.Update;

/**
 * A group that follows its updates by its own sequence. Read by any thread; changed under the near
 * cache's lock only.
 */
final class GroupReplica implements CachedValue {
  private static final EntryCodec CODEC = new EntryCodec();
  private static final int WEIGHT = 600;
  private static final Actor NOBODY = new Actor(0, "");
  private static final GroupEvent POSTED = new GroupEvent.MessagePosted("", null);

  private final GroupId id;
  private volatile AsOf current;

  /** The state with the revision that it contains. */
  record AsOf(GroupState state, long revision) {}

  GroupReplica(GroupState state, long revision) {
    this.id = state.id();
    this.current = new AsOf(state, revision);
  }

  /** A replica from the update that created the group. */
  static GroupReplica createdBy(Update update) {
    Entry entry = CODEC.decode(update.json());
    return new GroupReplica(
        GroupProjection.apply(
            null, update.group(), entry.by(), update.seq(), update.no(), entry.at(), entry.event()),
        update.revision());
  }

  AsOf current() {
    return current;
  }

  GroupState state() {
    return current.state();
  }

  @Override
  public long revision() {
    return current.revision();
  }

  @Override
  public boolean apply(Update update) {
    if (!update.group().equals(id) || update.seq() == 0) {
      return true;
    }
    GroupState before = current.state();
    if (update.seq() <= before.headSeq()) {
      return true;
    }
    if (update.seq() != before.headSeq() + 1) {
      return false;
    }
    GroupState after;
    switch (update.kind()) {
      // The many: nothing of their content matters to the state.
      case MESSAGE_POSTED ->
          after =
              GroupProjection.apply(
                  before, id, NOBODY, update.seq(), update.no(), Instant.EPOCH, POSTED);
      case MESSAGE_EDITED ->
          after = quiet(before, update, new GroupEvent.MessageEdited(update.target(), ""));
      case MESSAGE_RECALLED ->
          after = quiet(before, update, new GroupEvent.MessageRecalled(update.target()));
      case HISTORY_TRIMMED ->
          after = quiet(before, update, new GroupEvent.HistoryTrimmed(update.target()));
      default -> {
        if (update.json().length == 0) {
          return false;
        }
        Entry entry = CODEC.decode(update.json());
        after =
            GroupProjection.apply(
                before, id, entry.by(), update.seq(), update.no(), entry.at(), entry.event());
      }
    }
    current = new AsOf(after, update.revision());
    return true;
  }

  private GroupState quiet(GroupState before, Update update, GroupEvent event) {
    return GroupProjection.apply(
        before, id, NOBODY, update.seq(), update.no(), Instant.EPOCH, event);
  }

  @Override
  public int weight() {
    return WEIGHT;
  }
}
