package org.plenum.reader;

import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The cache that all nodes of a room share, as bytes. One applier writes it; any node reads it.
 * Thread-safe; every method may block and may throw any RuntimeException when the cache fails.
 */
interface RoomStore {
  /**
   * Makes the caller the one who writes, and keeps what is there, as far as it is known to be
   * current: whoever wrote before writes into nothing that is read from now on. A store that no
   * other node sees starts empty.
   *
   * @param epoch of the caller's lease
   * @return the revision up to which every value here is current, 0 for nothing
   */
  default long take(long epoch) {
    clear();
    return 0;
  }

  /** The value, or null. */
  byte @Nullable [] get(RoomKind kind, String key);

  /** Sets the value. */
  void put(RoomKind kind, String key, byte[] value);

  /** Removes the value if there is one. */
  void remove(RoomKind kind, String key);

  /**
   * States that nothing here may be used, whoever writes it: the writer finds out at its next
   * statement and starts afresh.
   */
  void distrust();

  /** Removes everything, the applied revision too. */
  void clear();

  /** Gives every value, in no order; values that change meanwhile are given old or new. */
  void forEach(RoomKind kind, BiConsumer<String, byte[]> action);

  /** Keys of values that are here, in no order, at most so many. */
  List<String> keys(RoomKind kind, int most);

  /**
   * The revision up to which every value here is current, 0 for none: then nothing here may be
   * used.
   */
  long applied();

  /** States that every value is current up to this revision. */
  void applied(long revision);
}
