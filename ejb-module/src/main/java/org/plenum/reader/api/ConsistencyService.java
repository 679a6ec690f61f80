package org.plenum.reader.api;

/** Compares the caches of this node and its room with the database. Thread-safe. */
public interface ConsistencyService {
  /**
   * Compares; reads every compared value from the database, so it blocks for a while.
   *
   * @param sample values of each kind at most; 0 for all that the near cache holds
   */
  ConsistencyReport consistency(int sample);
}
