package org.plenum.reader;

import org.plenum.update.Update;

/** What the near cache holds: a replica of a part of the truth that follows the updates. */
sealed interface CachedValue permits GroupReplica, Segment, AccountReplica {
  /** The last revision that this value is known to contain. */
  long revision();

  /**
   * Applies an update after {@link #revision()}, or ignores it when it is about something else.
   *
   * @return false when the value cannot follow and must be dropped
   */
  boolean apply(Update update);

  /** Heap in bytes, roughly. */
  int weight();
}
