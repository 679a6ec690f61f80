package org.plenum.platform.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WindowedHistogramTest {
  private final AtomicLong nanos = new AtomicLong();
  private final WindowedHistogram histogram =
      new WindowedHistogram(Duration.ofSeconds(60), nanos::get);

  @Test
  void emptyHistogramAnswersZero() {
    assertThat(histogram.percentile(0.99)).isZero();
    assertThat(histogram.maximum()).isZero();
    assertThat(histogram.count()).isZero();
  }

  @Test
  void percentilesAreAtMostOneBucketAboveTheTruth() {
    for (int value = 1; value <= 10_000; value++) {
      histogram.observe(value);
    }
    assertThat(histogram.percentile(0.5)).isBetween(5_000L, 5_313L);
    assertThat(histogram.percentile(0.99)).isBetween(9_900L, 10_000L);
    assertThat(histogram.percentile(1)).isEqualTo(10_000L);
    assertThat(histogram.maximum()).isEqualTo(10_000L);
    assertThat(histogram.sum()).isEqualTo(50_005_000L);
  }

  @Test
  void theLargestAndNegativeValuesAreTaken() {
    histogram.observe(Long.MAX_VALUE);
    histogram.observe(-1);
    assertThat(histogram.maximum()).isEqualTo(Long.MAX_VALUE);
    assertThat(histogram.percentile(0.5)).isZero();
    assertThat(histogram.percentile(1)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void valuesLeaveThePercentilesAfterTwoWindowsButNotTheCount() {
    histogram.observe(1_000);
    nanos.addAndGet(Duration.ofSeconds(61).toNanos());
    assertThat(histogram.maximum()).isEqualTo(1_000);
    histogram.observe(10);
    nanos.addAndGet(Duration.ofSeconds(61).toNanos());
    assertThat(histogram.maximum()).isEqualTo(10);
    nanos.addAndGet(Duration.ofSeconds(61).toNanos());
    assertThat(histogram.maximum()).isZero();
    assertThat(histogram.count()).isEqualTo(2);
  }
}
