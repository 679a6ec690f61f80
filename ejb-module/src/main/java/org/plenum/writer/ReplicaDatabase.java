package org.plenum.writer;

import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.UUID;

/** The synchronous replica of the writer's database (GRP-9). Thread-safe. */
interface ReplicaDatabase {
  /** How it is. */
  enum State {
    /** There is none: the database waits for no replica. */
    NONE,
    /** There is one, and it is not connected, or it may not be seen whether it is. */
    AWAY,
    /** It is connected and follows. */
    CONNECTED
  }

  /** What came of the question whether it has certain writes. */
  sealed interface Answer {
    /**
     * It has on its disk all that the database had committed.
     *
     * @param missing what the database itself does not have, as after the promotion of another one
     */
    record Holds(Set<UUID> missing) implements Answer {}

    /** It has not said so in time, or that is not certain. */
    record Silent() implements Answer {}

    /** There is none. */
    record Absent() implements Answer {}
  }

  /**
   * How it is now.
   *
   * @throws StoreException when the database cannot be asked
   */
  State state();

  /**
   * Waits until the replica has on its disk all that was committed before. A fault is {@link
   * Answer.Silent}.
   *
   * @param written client ids of entries that must be among it; none to ask whether it follows
   * @param limit of the wait, rounded up to seconds; a database that does not answer at all takes
   *     as long as the limit of its connection
   */
  Answer ask(Collection<UUID> written, Duration limit);
}
