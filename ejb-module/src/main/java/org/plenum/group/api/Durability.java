package org.plenum.group.api;

/** What an acknowledgement of a write means (GRP-4). */
public enum Durability {
  /** Committed by the database. */
  DISK,
  /** In the memory of the writer, on disk at the next flush. */
  MEMORY,
  /** Committed by the database, and on the disk of its synchronous replica (GRP-9). */
  REPLICA
}
