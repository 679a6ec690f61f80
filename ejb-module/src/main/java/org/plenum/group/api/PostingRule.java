package org.plenum.group.api;

/** Who may post. */
public enum PostingRule {
  /** Every member who is not muted. */
  EVERYONE,
  /** The owner and admins. */
  ADMINS
}
