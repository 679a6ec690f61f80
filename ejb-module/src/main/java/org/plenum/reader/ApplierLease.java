package org.plenum.reader;

/**
 * The lease of the room: its holder alone writes the cache. Used by the applier's thread; may block
 * for the database.
 */
@FunctionalInterface
interface ApplierLease {
  /** What a node without the role of a reader holds. */
  ApplierLease NEVER = () -> 0;

  /** The epoch held at this moment, 0 for none. A new holder has a higher one. */
  long epoch();

  /**
   * Whether the lease has surely or perhaps run out since it was asked for last: whoever waits for
   * the cache meanwhile holds it no longer. May be called by any thread, never blocks.
   */
  default boolean lapsed() {
    return false;
  }

  /** Gives the lease back, so that the next applier need not wait. Never throws. */
  default void release() {}
}
