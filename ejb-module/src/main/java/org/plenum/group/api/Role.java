package org.plenum.group.api;

/** Role of an active member; a group has exactly one owner. */
public enum Role {
  OWNER,
  ADMIN,
  MEMBER;

  /** Whether this role moderates: the owner and admins do. */
  public boolean moderates() {
    return this != MEMBER;
  }

  /** Whether this role stands above the other one. */
  public boolean outranks(Role other) {
    return compareTo(other) < 0;
  }
}
