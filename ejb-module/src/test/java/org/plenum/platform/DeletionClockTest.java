package org.plenum.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DeletionClockTest {
  private static final Instant START = Instant.parse("2026-11-24T12:00:00Z");

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
  private final DeletionClock clock = new DeletionClock(nanos::get);

  private boolean trusts(Duration passed, Duration database, Duration node) {
    nanos.addAndGet(passed.toNanos());
    return clock.trusts(START.plus(database), START.plus(node));
  }

  @Test
  void timeThatPassesIsTrusted() {
    assertThat(trusts(Duration.ZERO, Duration.ZERO, Duration.ofSeconds(5))).isTrue();
    assertThat(trusts(Duration.ofDays(90), Duration.ofDays(90), Duration.ofDays(90))).isTrue();
  }

  @Test
  void aClockThatJumpsForwardIsNotTrustedUntilItIsBack() {
    assertThat(trusts(Duration.ZERO, Duration.ZERO, Duration.ZERO)).isTrue();
    assertThat(trusts(Duration.ofMinutes(1), Duration.ofDays(365), Duration.ofDays(365))).isFalse();
    assertThat(trusts(Duration.ofDays(1), Duration.ofDays(366), Duration.ofDays(366))).isFalse();
    assertThat(trusts(Duration.ofDays(1), Duration.ofDays(2), Duration.ofDays(2))).isTrue();
  }

  @Test
  void clocksThatDifferAreNotTrusted() {
    assertThat(trusts(Duration.ZERO, Duration.ZERO, Duration.ofHours(2))).isFalse();
    assertThat(trusts(Duration.ZERO, Duration.ofHours(2), Duration.ZERO)).isFalse();
  }
}
