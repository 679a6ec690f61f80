package org.plenum.writer;

import java.util.Map;
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

  /** Memberships by key, and for some keys that there is none; not to be changed. */
  Map<MemberKey, Optional<Membership>> members() {
    return members;
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
