package org.plenum.group.api;

/** Life of a group. */
public enum GroupStatus {
  ACTIVE,
  /** Readable, not writable. */
  ARCHIVED,
  /** Gone for members; its id is never used again. */
  DISSOLVED
}
