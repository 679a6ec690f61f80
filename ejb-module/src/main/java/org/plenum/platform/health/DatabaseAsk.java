package org.plenum.platform.health;

import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Whether the database answers, as far as it has said so: it is asked in the background ({@link
 * BackgroundAsk}), and while it is silent what was said last counts, with its age. Thread-safe.
 */
final class DatabaseAsk {
  /** Whether the database answers; may take as long as it likes. */
  @FunctionalInterface
  interface Question {
    boolean answers() throws SQLException;
  }

  private final Question question;
  private final BackgroundAsk background;
  private final Duration grace;
  private final LongSupplier nanoTime;

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
    this.background = new BackgroundAsk(this::ask, thread, wait, nanoTime);
    this.grace = grace;
    this.nanoTime = nanoTime;
    answered = nanoTime.getAsLong();
    said = new Said("not asked yet", answered);
  }

  private void ask() {
    try {
      boolean answers = question.answers();
      if (answers) {
        answered = nanoTime.getAsLong();
      }
      say(answers ? "answers" : "does not answer");
    } catch (SQLException | RuntimeException e) {
      say("away: " + e.getMessage());
    }
  }

  private void say(String state) {
    said = new Said(state, nanoTime.getAsLong());
  }

  /** Asks, unless the question before is still open, and waits for a moment. */
  boolean up() {
    if (!background.ask()) {
      say("not asked, the application stops");
    }
    return nanoTime.getAsLong() - answered < grace.toNanos();
  }

  /** What was said last, how old that is, and for how long an answer has been waited for. */
  Map<String, String> facts() {
    Said last = said;
    Duration silence = background.unanswered();
    long age = nanoTime.getAsLong() - last.at();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put(
        "state",
        silence == null
            ? last.state()
            : "no answer for " + silence.toSeconds() + " s, before: " + last.state());
    facts.put("ageSeconds", Long.toString(TimeUnit.NANOSECONDS.toSeconds(Math.max(0, age))));
    return facts;
  }
}
