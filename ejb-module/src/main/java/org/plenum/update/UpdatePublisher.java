package org.plenum.update;

import java.util.List;

/**
 * Tells other nodes of committed updates: a hint that may be lost, doubled or reordered (decision
 * 1). Never blocks.
 */
@FunctionalInterface
public interface UpdatePublisher {
  /** Hands a batch over; dropped and counted when the hand-over queue is full. */
  void publish(List<Update> updates);
}
