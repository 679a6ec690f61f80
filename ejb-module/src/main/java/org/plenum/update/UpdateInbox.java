package org.plenum.update;

import java.util.List;

/**
 * Where committed updates enter this node's stream, from the local writer and from the topic. Never
 * blocks.
 */
@FunctionalInterface
public interface UpdateInbox {
  /**
   * Offers updates in ascending order of revision; what the node has is ignored, what it lacks is
   * fetched from the log.
   */
  void offer(List<Update> updates);
}
