package org.plenum.systemtest;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Somebody who gives nothing up: what has no answer, or one that says so, is sent again under the
 * same keys, and nothing later before it. What was acknowledged must be there in the end.
 */
abstract class PersistentSender implements Runnable {
  private final Duration pause;
  private final List<String> acknowledged = new ArrayList<>();
  private final AtomicInteger count = new AtomicInteger();
  private final AtomicInteger sentAgain = new AtomicInteger();

  /**
   * A sender.
   *
   * @param pause between two tries
   */
  PersistentSender(Duration pause) {
    this.pause = pause;
  }

  /** How many were acknowledged so far; callable from other threads. */
  final int count() {
    return count.get();
  }

  /** How many were sent again because a try had no known outcome; each counts once. */
  final int sentAgain() {
    return sentAgain.get();
  }

  /** What was acknowledged, in order; call when {@link #run} has returned. */
  final List<String> acknowledged() {
    return List.copyOf(acknowledged);
  }

  /**
   * Sends these until they are acknowledged.
   *
   * @param sent one try: whether they were acknowledged
   */
  final void persist(List<String> these, BooleanSupplier sent) {
    if (!sent.getAsBoolean()) {
      sentAgain.addAndGet(these.size());
      do {
        LockSupport.parkNanos(pause.toNanos());
      } while (!sent.getAsBoolean());
    }
    acknowledged.addAll(these);
    count.addAndGet(these.size());
  }
}
