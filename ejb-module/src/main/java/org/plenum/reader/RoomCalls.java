package org.plenum.reader;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the cache of the room for a limited time only (ADR 0057). JCache knows no time limit:
 * while a member of the data grid is frozen or cut off, a read of what it holds waits until the
 * grid gives the member up, a minute or more. After a call that took too long the room is left
 * alone for a while, and then one caller tries it again. The thread of a call that was given up is
 * left to it; there is a bounded number of them. Thread-safe.
 */
final class RoomCalls {
  private static final Logger LOG = Logger.getLogger(RoomCalls.class.getName());

  /** The callers' own threads, without a limit: where the grid is this process alone. */
  static final RoomCalls DIRECT =
      new RoomCalls(null, Duration.ZERO, Duration.ZERO, System::nanoTime);

  private final @Nullable Executor threads;
  private final Duration limit;
  private final long rest;
  private final LongSupplier nanoTime;

  /** Until when nobody is let through, 0 for no such time. */
  private final AtomicLong restsUntil = new AtomicLong();

  /**
   * Calls on threads of their own.
   *
   * @param threads a bounded number; rejects what is too much
   * @param limit how long a caller waits
   * @param rest how long the room is left alone after that
   */
  RoomCalls(@Nullable Executor threads, Duration limit, Duration rest, LongSupplier nanoTime) {
    this.threads = threads;
    this.limit = limit;
    this.rest = rest.toNanos();
    this.nanoTime = nanoTime;
  }

  /** The room did not answer in time, or is left alone. */
  static final class AwayException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    AwayException(String message) {
      super(message);
    }
  }

  /**
   * What the room answers.
   *
   * @throws AwayException when it does not in time, or did not a moment ago
   * @throws RuntimeException of the call itself
   */
  <T> T call(Callable<T> call) {
    return call(limit, call);
  }

  /** The same with another limit, for what takes longer. */
  <T> T call(Duration patience, Callable<T> call) {
    if (threads == null) {
      return here(call);
    }
    mayGo();
    FutureTask<T> task = new FutureTask<>(call);
    try {
      threads.execute(task);
      T answer = task.get(patience.toNanos(), TimeUnit.NANOSECONDS);
      restsUntil.set(0);
      return answer;
    } catch (TimeoutException e) {
      task.cancel(true);
      throw away("no answer for " + patience.toMillis() + " ms", e);
    } catch (RejectedExecutionException e) {
      throw away("too many calls wait for it", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      task.cancel(true);
      throw new AwayException("interrupted");
    }
  }

  /** One caller tries again when the rest is over; the others are sent away while it does. */
  private void mayGo() {
    long until = restsUntil.get();
    if (until == 0) {
      return;
    }
    long now = nanoTime.getAsLong();
    if (now - until < 0 || !restsUntil.compareAndSet(until, later(now))) {
      throw new AwayException("it did not answer a moment ago");
    }
  }

  private long later(long now) {
    long until = now + rest;
    return until == 0 ? 1 : until;
  }

  private AwayException away(String what, Exception e) {
    if (restsUntil.getAndSet(later(nanoTime.getAsLong())) == 0) {
      LOG.log(Level.WARNING, "the cache of the room is left alone for a while: " + what, e);
    }
    return new AwayException(what);
  }

  private static <T> T here(Callable<T> call) {
    try {
      return call.call();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
