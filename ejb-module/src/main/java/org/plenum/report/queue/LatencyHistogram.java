package org.plenum.report.queue;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * A distribution of durations since the start, in nanoseconds; eight buckets to a power of two, so
 * a percentile is at most 12.5% above the truth. Thread-safe, never waits.
 */
public final class LatencyHistogram {
  private static final int SUB_BITS = 3;
  private static final int SUB = 1 << SUB_BITS;

  private final AtomicLongArray buckets = new AtomicLongArray((Long.SIZE - SUB_BITS) * SUB);
  private final AtomicLong count = new AtomicLong();
  private final AtomicLong maximum = new AtomicLong();

  /**
   * Percentiles at one moment.
   *
   * @param count durations observed
   * @param p50Nanos half of them were within this
   * @param p99Nanos 99 of 100 were within this
   * @param maxNanos the longest
   */
  public record Snapshot(long count, long p50Nanos, long p99Nanos, long maxNanos) {}

  /** Takes one duration. */
  public void observe(long nanos) {
    long value = Math.max(0, nanos);
    buckets.incrementAndGet(bucketOf(value));
    count.incrementAndGet();
    maximum.accumulateAndGet(value, Math::max);
  }

  /** The distribution now. */
  public Snapshot snapshot() {
    return new Snapshot(count.get(), percentile(0.5), percentile(0.99), maximum.get());
  }

  private long percentile(double share) {
    long wanted = Math.max(1, (long) Math.ceil(share * count.get()));
    long seen = 0;
    for (int i = 0; i < buckets.length(); i++) {
      seen += buckets.get(i);
      if (seen >= wanted) {
        return Math.min(upperBound(i), maximum.get());
      }
    }
    return maximum.get();
  }

  private static int bucketOf(long value) {
    if (value < SUB) {
      return (int) value;
    }
    int shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(value) - SUB_BITS;
    return (shift + 1) * SUB + (int) ((value >>> shift) - SUB);
  }

  private static long upperBound(int bucket) {
    if (bucket < SUB) {
      return bucket;
    }
    int shift = bucket / SUB - 1;
    return ((long) (bucket % SUB + SUB + 1) << shift) - 1;
  }
}
