package org.plenum.web.push;

import java.util.function.LongSupplier;

/**
 * When a fan-out thread flushes. After a flush it pauses for a multiple of what the flush took, up
 * to a bound: an idle group is sent at once, a busy one in batches. Answers to writes wait a moment
 * for the updates that the writes caused, and updates a moment for more of them. Confined to the
 * fan-out thread; all times are nanoseconds of one clock.
 */
final class FlushPace {
  private static final int GATHER_FROM = 8;
  private static final long GATHER_NANOS = 10_000;
  private static final long GATHER_MAX_NANOS = 1_000_000;

  private final LongSupplier clock;
  private final long lingerMax;
  private final int lingerFactor;
  private final long answerWait;
  private long pauseUntil;

  /** Updates since the last flush, and when the first of them came. */
  private int fresh;

  private long freshSince;

  /** Whether something waits that is not to be held back, and since when only answers wait. */
  private boolean urgent;

  private long answersSince;

  FlushPace(PushConfig config, LongSupplier clock) {
    this.clock = clock;
    this.lingerMax = config.lingerMax().toNanos();
    this.lingerFactor = config.lingerFactor();
    this.answerWait = config.answerWait().toNanos();
    this.pauseUntil = clock.getAsLong();
  }

  /** So many updates have come. */
  void updates(int count) {
    urgent = true;
    if (fresh == 0) {
      freshSince = clock.getAsLong();
    }
    fresh += count;
  }

  /** Something waits that is not to be held back. */
  void hurry() {
    urgent = true;
  }

  /** The first of what waits is the answer to a write. */
  void answerFirst() {
    answersSince = clock.getAsLong();
  }

  /** Whether something waits that is not to be held back. */
  boolean urgent() {
    return urgent;
  }

  /** How long to wait with the flush of what is there; none when it is not positive. */
  long untilFlush() {
    long now = clock.getAsLong();
    long paused = pauseUntil - now;
    if (!urgent) {
      return Math.max(paused, answersSince + answerWait - now);
    }
    // The answers to many writes take a while to come: they are to leave in the same flush.
    long gather = Math.min(GATHER_MAX_NANOS, fresh * GATHER_NANOS) - (now - freshSince);
    return Math.max(paused, fresh < GATHER_FROM ? 0 : gather);
  }

  /** Everything is flushed; it began at this time. */
  void flushed(long start) {
    fresh = 0;
    urgent = false;
    long end = clock.getAsLong();
    pauseUntil = end + Math.min(lingerMax, (end - start) * lingerFactor);
  }
}
