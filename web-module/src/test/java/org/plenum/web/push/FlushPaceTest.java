package org.plenum.web.push;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** When a flush is due, on a clock that moves only when told. */
class FlushPaceTest {
  private static final long MICRO = 1_000;
  private static final long MILLI = 1_000_000;

  private long now = -5 * MILLI; // the clock of nanoseconds may well begin below zero
  private final FlushPace pace =
      new FlushPace(World.config(1, Duration.ofMillis(2)), () -> now); // pauses 4 times, up to 5 ms

  @Test
  void whatIsUrgentLeavesAtOnceWhenNothingWasSentBefore() {
    pace.hurry();
    assertThat(pace.untilFlush()).isLessThanOrEqualTo(0);
  }

  @Test
  void anAnswerAloneWaitsForItsUpdate() {
    pace.answerFirst();
    now += MILLI;
    assertThat(pace.urgent()).isFalse();
    assertThat(pace.untilFlush()).isEqualTo(MILLI);
  }

  @Test
  void anUpdateEndsTheWaitOfAnAnswer() {
    pace.answerFirst();
    pace.updates(1);
    assertThat(pace.urgent()).isTrue();
    assertThat(pace.untilFlush()).isLessThanOrEqualTo(0);
  }

  @Test
  void manyUpdatesGatherTheirAnswersForAWhileFromTheFirstOn() {
    pace.updates(50);
    now += 100 * MICRO;
    pace.updates(50);
    assertThat(pace.untilFlush()).isEqualTo(900 * MICRO);
  }

  @Test
  void gatheringHasABound() {
    pace.updates(1_000_000);
    assertThat(pace.untilFlush()).isEqualTo(MILLI);
  }

  @Test
  void thePauseIsAMultipleOfWhatTheFlushTook() {
    long start = now;
    now += MILLI;
    pace.flushed(start);
    pace.hurry();
    assertThat(pace.untilFlush()).isEqualTo(4 * MILLI);
  }

  @Test
  void thePauseHasABound() {
    long start = now;
    now += 100 * MILLI;
    pace.flushed(start);
    pace.hurry();
    assertThat(pace.untilFlush()).isEqualTo(5 * MILLI);
  }

  @Test
  void aFlushForgetsWhatCameBefore() {
    pace.updates(100);
    pace.flushed(now);
    assertThat(pace.urgent()).isFalse();
    pace.updates(1);
    assertThat(pace.untilFlush()).isLessThanOrEqualTo(0);
  }
}
