package org.plenum.writer;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.Membership;
import org.plenum.update.Update;

/** Everything one transaction of the writer writes. Confined to the writer's thread. */
final class WriteBatch {
  /**
   * One update with what only the database keeps.
   *
   * @param clientId on the first entry of a command, else null
   * @param requestHash fingerprint of the command, beside its client id
   */
  record Row(Update update, Instant at, @Nullable UUID clientId, @Nullable Long requestHash) {}

  /**
   * A message whose stored form changes.
   *
   * @param text the new text of an edit, null for a recall
   */
  record Amendment(GroupId group, long target, @Nullable String text, Instant at) {}

  /** Key of a membership. */
  record MemberKey(GroupId group, long account) {}

  /**
   * A membership's row before and after.
   *
   * @param existed whether the database has a row
   * @param after the row, or null when it goes
   */
  record MemberWrite(boolean existed, @Nullable Membership after) {}

  final List<Row> rows = new ArrayList<>();
  final Map<GroupId, GroupState> newGroups = new LinkedHashMap<>();
  final Map<GroupId, GroupState> changedGroups = new LinkedHashMap<>();
  final Map<MemberKey, MemberWrite> members = new LinkedHashMap<>();
  final List<Amendment> amendments = new ArrayList<>();

  boolean isEmpty() {
    return rows.isEmpty();
  }

  /** Whether no group and no membership changes: posts, say. */
  boolean hasRowsOnly() {
    return newGroups.isEmpty() && changedGroups.isEmpty() && members.isEmpty();
  }

  void putMember(MemberKey key, boolean exists, @Nullable Membership after) {
    MemberWrite earlier = members.get(key);
    members.put(key, new MemberWrite(earlier == null ? exists : earlier.existed(), after));
  }
}
