package org.plenum.platform.metrics;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * A distribution of non-negative values over the last one to two windows, so that percentiles show
 * what happens now and not what happened since the start. Windows turn when somebody reads: read
 * more rarely than a window, it shows what came since the reading before. Buckets are sixteen to a
 * power of two: a percentile is at most 6.25% above the true value. Thread-safe; observing is one
 * addition and never waits.
 */
final class WindowedHistogram {
  private static final int SUB_BITS = 4;
  private static final int SUB = 1 << SUB_BITS;
  private static final int BUCKETS = (Long.SIZE - SUB_BITS) * SUB;

  private final long windowNanos;
  private final LongSupplier nanoTime;
  private final LongAdder count = new LongAdder();
  private final LongAdder sum = new LongAdder();
  private volatile Windows windows;

  private record Windows(Window current, Window previous, long since) {}

  private record Window(AtomicLongArray buckets, AtomicLong maximum) {
    static Window empty() {
      return new Window(new AtomicLongArray(BUCKETS), new AtomicLong());
    }
  }

  /**
   * An empty distribution.
   *
   * @param window how long values are kept at least
   * @param nanoTime a monotone clock in nanoseconds
   */
  WindowedHistogram(Duration window, LongSupplier nanoTime) {
    this.windowNanos = window.toNanos();
    this.nanoTime = nanoTime;
    this.windows = new Windows(Window.empty(), Window.empty(), nanoTime.getAsLong());
  }

  /** Takes one value; negative ones count as zero. */
  void observe(long value) {
    long bounded = Math.max(0, value);
    count.increment();
    sum.add(bounded);
    Window current = windows.current();
    current.buckets().incrementAndGet(bucketOf(bounded));
    if (bounded > current.maximum().get()) {
      current.maximum().accumulateAndGet(bounded, Math::max);
    }
  }

  /** Values observed since the start. */
  long count() {
    return count.sum();
  }

  /** Sum of the values observed since the start. */
  long sum() {
    return sum.sum();
  }

  /** The largest value of the last one to two windows, 0 when there was none. */
  long maximum() {
    Windows now = turned();
    return Math.max(now.current().maximum().get(), now.previous().maximum().get());
  }

  /** The smallest bucket bound that at least this share (0 to 1) of the recent values is within. */
  long percentile(double share) {
    Windows now = turned();
    long total = 0;
    for (int i = 0; i < BUCKETS; i++) {
      total += now.current().buckets().get(i) + now.previous().buckets().get(i);
    }
    long wanted = Math.max(1, (long) Math.ceil(share * total));
    long seen = 0;
    for (int i = 0; i < BUCKETS; i++) {
      seen += now.current().buckets().get(i) + now.previous().buckets().get(i);
      if (seen >= wanted) {
        return Math.min(upperBoundOf(i), maximum());
      }
    }
    return 0;
  }

  private synchronized Windows turned() {
    long now = nanoTime.getAsLong();
    if (now - windows.since() >= windowNanos) {
      windows = new Windows(Window.empty(), windows.current(), now);
    }
    return windows;
  }

  private static int bucketOf(long value) {
    if (value < SUB) {
      return (int) value;
    }
    int shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(value) - SUB_BITS;
    return (shift + 1) * SUB + (int) ((value >>> shift) - SUB);
  }

  private static long upperBoundOf(int bucket) {
    if (bucket < SUB) {
      return bucket;
    }
    int shift = bucket / SUB - 1;
    return ((long) (bucket % SUB + SUB + 1) << shift) - 1;
  }
}
