package org.plenum.writer;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.Membership;
import org.plenum.writer.WriteBatch.MemberKey;

/**
 * Heads and members of active groups as they are in the database, bounded. Confined to the writer's
 * thread.
 */
final class WriterMemory {
  private final BoundedMap<GroupId, GroupState> groups;
  private final BoundedMap<MemberKey, Optional<Membership>> members;

  WriterMemory(WriterConfig config) {
    this.groups = new BoundedMap<>(config.groupCache());
    this.members = new BoundedMap<>(config.memberCache());
  }

  /** The group, or null when it is not remembered. */
  @Nullable GroupState group(GroupId id) {
    return groups.get(id);
  }

  /** The membership or that there is none, or null when neither is remembered. */
  @Nullable Optional<Membership> member(MemberKey key) {
    return members.get(key);
  }

  /** What the batch made of them is committed. */
  void keep(OpenBatch batch) {
    groups.putAll(batch.groups);
    members.putAll(batch.members);
  }

  void clear() {
    groups.clear();
    members.clear();
  }
}
