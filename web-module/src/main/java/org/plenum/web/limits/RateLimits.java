package org.plenum.web.limits;

import java.time.Duration;

/**
 * The node's rate limiters, shared by REST and sockets.
 *
 * @param writes by account id
 * @param reads by account id
 * @param signIns by account name
 * @param signInsByAddress by network address
 * @param reports by account id; each report counts
 */
public record RateLimits(
    RateLimiter<Long> writes,
    RateLimiter<Long> reads,
    RateLimiter<String> signIns,
    RateLimiter<String> signInsByAddress,
    RateLimiter<Long> reports) {
  /** Limiters as configured. */
  public static RateLimits of(LimitsConfig config) {
    Duration second = Duration.ofSeconds(1);
    Duration minute = Duration.ofMinutes(1);
    int keys = config.trackedCallers();
    return new RateLimits(
        new RateLimiter<>(
            config.writesPerSecond(), second, config.writeBurst(), keys, System::nanoTime),
        new RateLimiter<>(
            config.readsPerSecond(), second, config.readBurst(), keys, System::nanoTime),
        new RateLimiter<>(
            config.signInsPerMinute(), minute, config.signInsPerMinute(), keys, System::nanoTime),
        new RateLimiter<>(
            config.signInsPerMinuteAndAddress(),
            minute,
            config.signInsPerMinuteAndAddress(),
            keys,
            System::nanoTime),
        new RateLimiter<>(
            config.reportsPerSecond(), second, config.reportBurst(), keys, System::nanoTime));
  }
}
