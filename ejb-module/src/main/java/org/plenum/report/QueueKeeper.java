package org.plenum.report;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.plenum.platform.ServiceException;
import org.plenum.report.queue.QueueException;

/**
 * Keeps a queue open: one that ended by itself, because another node took its storage over or by a
 * fault, is closed and opened anew as soon as that can be (QUE-8). Until then its users get the
 * reason of its end. One thread runs it.
 */
final class QueueKeeper implements Runnable {
  private static final Logger LOG = Logger.getLogger(QueueKeeper.class.getName());

  /** An attempt to open may read a large journal: it is to be a small part of the time. */
  private static final int REST_PER_ATTEMPT = 10;

  private final Supplier<RunningQueue> opening;
  private final Duration pause;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private RunningQueue current;
  private boolean told;
  private String lastTrouble = "";

  /**
   * Keeps this one.
   *
   * @param opening opens the queue anew and tells its users; {@link ServiceException} when it
   *     cannot be opened now
   * @param pause between two looks, and shortest pause after an attempt that failed
   */
  QueueKeeper(RunningQueue current, Supplier<RunningQueue> opening, Duration pause) {
    this.current = current;
    this.opening = opening;
    this.pause = pause;
  }

  /** Lets it end, and closes the queue. */
  void stop() {
    stopped.countDown();
  }

  @Override
  public void run() {
    try {
      Duration rest = pause;
      while (!stopped.await(rest.toNanos(), TimeUnit.NANOSECONDS)) {
        long start = System.nanoTime();
        rest = pause;
        if (!sound()) {
          long took = System.nanoTime() - start;
          rest = Duration.ofNanos(Math.max(pause.toNanos(), REST_PER_ATTEMPT * took));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      current.close();
    }
  }

  /** Looks after the queue; whether it is open after that. */
  boolean sound() {
    QueueException end = current.ended();
    if (end == null) {
      return true;
    }
    if (!told) {
      told = true;
      LOG.log(
          Level.WARNING, "the queue of reports has ended, and is opened anew when it can be", end);
    }
    try {
      current.close();
      current = opening.get();
      told = false;
      lastTrouble = "";
      LOG.info("the queue of reports is open again");
      return true;
    } catch (RuntimeException e) {
      String trouble = String.valueOf(e.getMessage());
      if (!trouble.equals(lastTrouble)) {
        lastTrouble = trouble;
        LOG.log(Level.WARNING, "the queue of reports cannot be opened again yet", e);
      }
      return false;
    }
  }
}
