package org.plenum.intake;

import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The one thread on which a loop consumes its queue. Started once; stopped by any thread. */
final class IntakeThread {
  private static final Logger LOG = Logger.getLogger(IntakeThread.class.getName());

  private static final Duration AFTER_INTERRUPT = Duration.ofSeconds(5);

  private final IntakeLoop loop;
  private final Thread thread;

  private IntakeThread(IntakeLoop loop, Thread thread) {
    this.loop = loop;
    this.thread = thread;
  }

  static IntakeThread start(IntakeLoop loop, ThreadFactory threads, String name) {
    Thread thread = threads.newThread(loop);
    thread.setName(name);
    thread.start();
    return new IntakeThread(loop, thread);
  }

  /**
   * Ends the loop after its batch.
   *
   * @param patience how long the batch may take; after it the thread is interrupted, and waited for
   *     some seconds more, so that what it works with is not taken down under it
   */
  void stop(Duration patience) {
    loop.stop();
    try {
      if (!thread.join(patience)) {
        thread.interrupt();
        if (!thread.join(AFTER_INTERRUPT)) {
          LOG.log(Level.WARNING, "the thread {0} does not end", thread.getName());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
