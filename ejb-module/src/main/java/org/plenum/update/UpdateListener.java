package org.plenum.update;

import java.util.List;

/**
 * Receives committed updates of all groups in revision order, each exactly once per node and
 * without gaps.
 */
@FunctionalInterface
public interface UpdateListener {
  /**
   * Called by the one thread of the stream. Must not block and must not throw: hand work over to a
   * bounded queue.
   *
   * @param updates consecutive revisions, never empty
   */
  void onUpdates(List<Update> updates);

  /**
   * Of the updates that come next some are as later ones left them, since they were read late: what
   * is made of them may show anything up to this revision. Called as {@link #onUpdates} is.
   */
  default void onLateReading(long revision) {}

  /**
   * The database lost updates that were given out: a standby was promoted that had not all of them,
   * or an earlier state was restored. Everything that rests on updates is to be dropped. Called as
   * {@link #onUpdates} is.
   *
   * @param revision updates after it follow; may be lower than what was given before
   */
  default void onAnotherHistory(long revision) {}
}
