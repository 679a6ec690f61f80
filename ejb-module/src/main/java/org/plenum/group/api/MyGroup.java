package org.plenum.group.api;

/**
 * A group in the list of one of its members; unread messages are {@code group.headNo -
 * membership.readNo}.
 */
public record MyGroup(GroupState group, Membership membership) {
  /** Messages posted after the read position. */
  public long unread() {
    return Math.max(0, group.headNo() - membership.readNo());
  }
}
