package org.plenum.group.api;

/** How people enter a group and who posts at first. */
public enum GroupType {
  /** Anyone joins. */
  PUBLIC,
  /** Joining needs approval. */
  REQUEST,
  /** By invitation only; invisible to others. */
  PRIVATE,
  /** Anyone joins; the owner and admins post. */
  ANNOUNCEMENT
}
