package org.plenum.web.limits;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/**
 * A token bucket for each key, kept as one number: the instant at which the bucket is full again
 * (the generic cell rate algorithm). Idle and least recent keys are forgotten, which can only be
 * generous. Thread-safe and wait-free in practice.
 *
 * @param <K> what is limited: an account id, a name, an address
 */
public final class RateLimiter<K> {
  private final long interval;
  private final long tolerance;
  private final LongSupplier nanoTime;
  private final Cache<K, AtomicLong> fullAt;

  /**
   * Creates a limiter.
   *
   * @param count sustained events per period; 0 for no limit
   * @param burst events at once
   * @param keys number of keys remembered
   * @param nanoTime a monotonic clock
   */
  public RateLimiter(int count, Duration period, int burst, int keys, LongSupplier nanoTime) {
    this.interval = count == 0 ? 0 : Math.max(1, period.toNanos() / count);
    this.tolerance = interval * burst;
    this.nanoTime = nanoTime;
    this.fullAt =
        Caffeine.newBuilder()
            .maximumSize(keys)
            .expireAfterAccess(Duration.ofNanos(Math.max(tolerance, 1_000_000_000L)).plusSeconds(1))
            .build();
  }

  /** Takes one token: zero when it was there, else how long to wait before the next attempt. */
  public Duration tryAcquire(K key) {
    return tryAcquire(key, 1);
  }

  /**
   * Takes so many tokens, or none: zero when they were there, else how long to wait before the next
   * attempt. More than the burst cost as much as the burst.
   */
  public Duration tryAcquire(K key, int tokens) {
    if (interval == 0) {
      return Duration.ZERO;
    }
    long now = nanoTime.getAsLong();
    AtomicLong bucket = fullAt.get(key, unused -> new AtomicLong(now));
    while (true) {
      long before = bucket.get();
      long after = (before - now > 0 ? before : now) + Math.min(interval * tokens, tolerance);
      long excess = after - now - tolerance;
      if (excess > 0) {
        return Duration.ofNanos(excess);
      }
      if (bucket.compareAndSet(before, after)) {
        return Duration.ZERO;
      }
    }
  }

  /**
   * Takes one token.
   *
   * @throws ServiceException RATE_LIMITED with the time to wait
   */
  public void acquire(K key) {
    acquire(key, 1);
  }

  /**
   * Takes so many tokens.
   *
   * @throws ServiceException RATE_LIMITED with the time to wait
   */
  public void acquire(K key, int tokens) {
    Duration wait = tryAcquire(key, tokens);
    if (!wait.isZero()) {
      throw new ServiceException(
          ErrorCode.RATE_LIMITED, "slow down and try again later", wait, null);
    }
  }
}
