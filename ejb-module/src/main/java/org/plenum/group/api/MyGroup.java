package org.plenum.group.api;

import org.jspecify.annotations.Nullable;

/**
 * A group in the list of one of its members; unread messages are {@code group.headNo -
 * membership.readNo}.
 *
 * @param latest what the list shows of the end of the stream; null where it was not asked for, for
 *     those who may not read the group, and while the group is empty
 */
public record MyGroup(GroupState group, Membership membership, @Nullable Latest latest) {
  /** A group without the end of its stream. */
  public MyGroup(GroupState group, Membership membership) {
    this(group, membership, null);
  }

  /** Messages posted after the read position. */
  public long unread() {
    return Math.max(0, group.headNo() - membership.readNo());
  }
}
