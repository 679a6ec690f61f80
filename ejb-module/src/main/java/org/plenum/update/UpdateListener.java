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
}
