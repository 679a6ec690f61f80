package org.plenum.update;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Updates that wait for the topic, with a bound: when it is reached the oldest go, since a receiver
 * that misses them reads the log anyway. Thread-safe; adding never blocks.
 */
final class OutgoingUpdates {
  private final int bound;
  private final int batchBytes;
  private final Deque<Update> waiting = new ArrayDeque<>();
  private long dropped;

  /**
   * An empty queue.
   *
   * @param bound updates that wait at most
   * @param batchBytes encoded size at which a batch is full; one larger update travels alone
   */
  OutgoingUpdates(int bound, int batchBytes) {
    this.bound = bound;
    this.batchBytes = batchBytes;
  }

  synchronized void add(List<Update> updates) {
    int excess = waiting.size() + updates.size() - bound;
    for (int i = 0; i < excess && !waiting.isEmpty(); i++) {
      waiting.removeFirst();
      dropped++;
    }
    int skipped = Math.max(0, updates.size() - bound);
    dropped += skipped;
    waiting.addAll(updates.subList(skipped, updates.size()));
    notifyAll();
  }

  /** The oldest updates that fit into one batch; waits for the first one. */
  synchronized List<Update> take() throws InterruptedException {
    while (waiting.isEmpty()) {
      wait();
    }
    List<Update> batch = new ArrayList<>();
    long bytes = 0;
    while (!waiting.isEmpty() && batch.size() < UpdateBatchCodec.MAX_UPDATES) {
      bytes += UpdateBatchCodec.size(waiting.getFirst());
      if (!batch.isEmpty() && bytes > batchBytes) {
        break;
      }
      batch.add(waiting.removeFirst());
    }
    return batch;
  }

  /** Updates that wait. */
  synchronized int depth() {
    return waiting.size();
  }

  /** Updates dropped so far because the bound was reached. */
  synchronized long dropped() {
    return dropped;
  }
}
