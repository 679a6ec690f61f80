package org.plenum.reader;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.Membership;

/**
 * What a read sees: the caches, or the database when the caches are behind what the caller has
 * seen. Every method may block and may throw READ_UNAVAILABLE.
 */
interface ReaderView {
  /** Whether all that is read from now on contains the updates up to this revision. */
  boolean reached(long revision);

  /** A group as of a revision, or null when there is none. */
  GroupReplica.@Nullable AsOf group(GroupId id);

  /** Groups by id; unknown ones are missing. */
  Map<GroupId, GroupState> groups(Collection<GroupId> ids);

  /** The relation of an account to a group, or null for an outsider. */
  @Nullable Membership membership(long account, GroupId group);

  /** Every relation of an account. */
  Map<GroupId, Membership> memberships(long account);

  /**
   * Entries in this range, both inclusive, ascending, without those no longer kept.
   *
   * @param head the group as read before: the range does not go past its head
   */
  List<byte[]> entries(GroupState head, long from, long to);
}
