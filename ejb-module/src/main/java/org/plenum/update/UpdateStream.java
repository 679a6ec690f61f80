package org.plenum.update;

/**
 * The node's ordered view of the update log: takes batches from the local writer, from the topic
 * and from catch-up, in any order and any number of times, and gives each revision once and in
 * order to its listeners (decision 1). Thread-safe.
 */
public interface UpdateStream {
  /** Adds a listener; it sees every revision after the one returned. */
  long subscribe(UpdateListener listener);

  /** The last revision given to the listeners. */
  long appliedRevision();

  /** Milliseconds for which something has waited to be applied; 0 when nothing does. */
  long lagMillis();
}
