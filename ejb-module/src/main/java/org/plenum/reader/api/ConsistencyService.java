package org.plenum.reader.api;

import java.time.Duration;

/** Compares the caches of this node, and what it sees of its room, with the database. */
public interface ConsistencyService {
  /**
   * Compares; reads every compared value from the database, so it blocks for a while. Thread-safe.
   *
   * @param sample values of each kind and cache at most; 0 for all
   * @param limit time after which no further value is looked at; the report then says that it is
   *     not complete
   * @throws org.plenum.platform.ServiceException READ_UNAVAILABLE when the database does not answer
   */
  ConsistencyReport consistency(int sample, Duration limit);
}
