package org.plenum.platform.health;

import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks the database in the background, and waits for the answer for a moment only: a network that
 * says nothing keeps a driver for as long as its {@code socketTimeout}. While a question is not
 * answered no other is asked; what was said last counts, with its age. Thread-safe.
 */
final class DatabaseAsk {
  /** Whether the database answers; may take as long as it likes. */
  @FunctionalInterface
  interface Question {
    boolean answers() throws SQLException;
  }

  private final Question question;
  private final Executor thread;
  private final Duration wait;
  private final Duration grace;
  private final LongSupplier nanoTime;
  private final AtomicReference<@Nullable Asking> asking = new AtomicReference<>();

  /** When the database answered last. */
  private volatile long answered;

  private volatile Said said;

  /** What was learned last, and when. */
  private record Said(String state, long at) {}

  /**
   * Asks nothing yet.
   *
   * @param thread one that is not the caller's; rejects once the application stops
   * @param wait how long whoever asks waits for the answer
   * @param grace how long the database may give none before it counts as down
   */
  DatabaseAsk(
      Question question, Executor thread, Duration wait, Duration grace, LongSupplier nanoTime) {
    this.question = question;
    this.thread = thread;
    this.wait = wait;
    this.grace = grace;
    this.nanoTime = nanoTime;
    answered = nanoTime.getAsLong();
    said = new Said("not asked yet", answered);
  }

  /** One question that is on its way. */
  private final class Asking implements Runnable {
    private final long since = nanoTime.getAsLong();
    private final CountDownLatch ended = new CountDownLatch(1);

    @Override
    public void run() {
      try {
        boolean answers = question.answers();
        if (answers) {
          answered = nanoTime.getAsLong();
        }
        say(answers ? "answers" : "does not answer");
      } catch (SQLException | RuntimeException e) {
        say("away: " + e.getMessage());
      } finally {
        asking.set(null);
        ended.countDown();
      }
    }
  }

  private void say(String state) {
    said = new Said(state, nanoTime.getAsLong());
  }

  /** Asks, unless the question before is still open, and waits for a moment. */
  boolean up() {
    Asking mine = new Asking();
    if (asking.compareAndSet(null, mine)) {
      ask(mine);
    }
    return nanoTime.getAsLong() - answered < grace.toNanos();
  }

  private void ask(Asking mine) {
    try {
      thread.execute(mine);
      var unused = mine.ended.await(wait.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      asking.set(null);
      say("not asked, the application stops");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What was said last, how old that is, and for how long an answer has been waited for. */
  Map<String, String> facts() {
    long now = nanoTime.getAsLong();
    Said last = said;
    Asking open = asking.get();
    Map<String, String> facts = new LinkedHashMap<>();
    if (open == null) {
      facts.put("state", last.state());
    } else {
      facts.put(
          "state", "no answer for " + seconds(now - open.since) + " s, before: " + last.state());
    }
    facts.put("ageSeconds", Long.toString(seconds(now - last.at())));
    return facts;
  }

  private static long seconds(long nanos) {
    return TimeUnit.NANOSECONDS.toSeconds(Math.max(0, nanos));
  }
}
