package org.plenum.group.api;

/** What an acknowledgement of a write means (GRP-4). */
public enum Durability {
  /** Committed by the database. */
  DISK,
  /**
   * In the memory of the writer, on disk at the next flush: a crash may lose the last moments
   * ({@code plenum.writer.memory-flush}). A stop in order loses none: the writer commits them, or
   * hands them to the node that leads now. Only when no writer has a database to the end of the
   * stop they are lost, which is said in the log.
   */
  MEMORY,
  /** Committed by the database, and on the disk of its synchronous replica (GRP-9). */
  REPLICA
}
