package org.plenum.web.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

class RateLimiterTest {
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5_000_000_000L);
  private final RateLimiter<String> limiter =
      new RateLimiter<>(10, Duration.ofSeconds(1), 5, 100, now::get);

  @Test
  void burstIsAllowedAndThenRefused() {
    assertThat(acquired(10)).isEqualTo(5);
  }

  @Test
  void refusalSaysHowLongToWait() {
    acquired(5);

    assertThat(limiter.tryAcquire("ada")).isEqualTo(Duration.ofMillis(100));
  }

  @Test
  void waitingAsToldIsEnough() {
    acquired(5);
    now.addAndGet(limiter.tryAcquire("ada").toNanos());

    assertThat(limiter.tryAcquire("ada")).isZero();
    assertThat(limiter.tryAcquire("ada")).isPositive();
  }

  @Test
  void sustainedRateHoldsAcrossOverflowOfTheClock() {
    int acquired = 0;
    for (int millis = 0; millis < 10_000; millis++) {
      now.addAndGet(1_000_000);
      if (limiter.tryAcquire("ada").isZero()) {
        acquired++;
      }
    }
    assertThat(acquired).isBetween(100, 105);
  }

  @Test
  void refusedAttemptsCostNothing() {
    acquired(1_000);
    now.addAndGet(Duration.ofMillis(100).toNanos());

    assertThat(limiter.tryAcquire("ada")).isZero();
  }

  @Test
  void severalTokensAreTakenTogetherOrNotAtAll() {
    assertThat(limiter.tryAcquire("ada", 3)).isZero();
    assertThat(limiter.tryAcquire("ada", 3)).isEqualTo(Duration.ofMillis(100));
    assertThat(limiter.tryAcquire("ada", 2)).isZero();
    assertThat(limiter.tryAcquire("ada", 1)).isPositive();
  }

  @Test
  void moreTokensThanTheBurstCostTheBurst() {
    assertThat(limiter.tryAcquire("ada", 500)).isZero();
    assertThat(limiter.tryAcquire("ada", 500)).isEqualTo(Duration.ofMillis(500));
  }

  @Test
  void keysDoNotShareABucket() {
    acquired(5);

    assertThat(limiter.tryAcquire("grace")).isZero();
  }

  @Test
  void refusalIsACodedProblem() {
    acquired(5);

    assertThatExceptionOfType(ServiceException.class)
        .isThrownBy(() -> limiter.acquire("ada"))
        .satisfies(
            problem -> {
              assertThat(problem.code()).isEqualTo(ErrorCode.RATE_LIMITED);
              assertThat(problem.retryAfter()).isEqualTo(Duration.ofMillis(100));
            });
  }

  @Test
  void zeroMeansNoLimit() {
    RateLimiter<String> none = new RateLimiter<>(0, Duration.ofSeconds(1), 1, 100, now::get);

    for (int i = 0; i < 1_000; i++) {
      assertThat(none.tryAcquire("ada")).isZero();
    }
  }

  private int acquired(int attempts) {
    int acquired = 0;
    for (int i = 0; i < attempts; i++) {
      if (limiter.tryAcquire("ada").isZero()) {
        acquired++;
      }
    }
    return acquired;
  }
}
