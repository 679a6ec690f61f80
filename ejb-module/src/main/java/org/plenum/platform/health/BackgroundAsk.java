package org.plenum.platform.health;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A question that may take long, asked on another thread: a network that says nothing keeps a
 * driver for as long as its {@code socketTimeout}. Whoever asks waits for a moment only, and while
 * a question is open no other is asked. Thread-safe.
 */
public final class BackgroundAsk {
  private final Runnable question;
  private final Executor thread;
  private final Duration wait;
  private final LongSupplier nanoTime;
  private final AtomicReference<@Nullable Open> open = new AtomicReference<>();

  /**
   * Asks nothing yet.
   *
   * @param question keeps what it learns itself
   * @param thread one that is not the caller's; rejects once the application stops
   * @param wait how long whoever asks waits
   */
  public BackgroundAsk(Runnable question, Executor thread, Duration wait, LongSupplier nanoTime) {
    this.question = question;
    this.thread = thread;
    this.wait = wait;
    this.nanoTime = nanoTime;
  }

  /** One question that is on its way. */
  private final class Open implements Runnable {
    private final long since = nanoTime.getAsLong();
    private final CountDownLatch ended = new CountDownLatch(1);

    @Override
    public void run() {
      try {
        question.run();
      } finally {
        open.set(null);
        ended.countDown();
      }
    }
  }

  /**
   * Asks, unless a question is open, and waits for a moment until it is answered.
   *
   * @return false when the application stops and nothing is asked any more
   */
  public boolean ask() {
    Open mine = new Open();
    if (!open.compareAndSet(null, mine)) {
      return true;
    }
    try {
      thread.execute(mine);
      var unused = mine.ended.await(wait.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      open.set(null);
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return true;
  }

  /** How long the open question has been open, or null when none is. */
  public @Nullable Duration unanswered() {
    Open now = open.get();
    return now == null ? null : Duration.ofNanos(Math.max(0, nanoTime.getAsLong() - now.since));
  }
}
