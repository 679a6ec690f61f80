package org.plenum.update;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The threads that send to the update topic, for the health of the node: whoever starts one tells
 * it here, so that asking starts none. Thread-safe.
 */
@ApplicationScoped
public class UpdateThreads {
  private final List<Thread> started = new CopyOnWriteArrayList<>();

  /** Looks after a thread that was started. */
  void watch(Thread thread) {
    started.add(thread);
  }

  /** Names of those that have ended; none of them does before the node stops. */
  public List<String> ended() {
    return started.stream().filter(thread -> !thread.isAlive()).map(Thread::getName).toList();
  }
}
