package org.plenum.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A data grid with a frozen member holds nobody up for longer than the limit (ADR 0057). */
class RoomCallsTest {
  private static final Duration LIMIT = Duration.ofMillis(50);
  private static final Duration REST = Duration.ofSeconds(5);

  private final AtomicLong now = new AtomicLong(1);
  private final CountDownLatch thaw = new CountDownLatch(1);
  private final AtomicInteger reached = new AtomicInteger();
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(0, 2, 60, TimeUnit.SECONDS, new SynchronousQueue<>());
  private final RoomCalls calls = new RoomCalls(threads, LIMIT, REST, now::get);

  @AfterEach
  void close() {
    thaw.countDown();
    threads.shutdownNow();
  }

  private int well() {
    return calls.call(reached::incrementAndGet);
  }

  /** As the grid does: not even an interruption ends it. */
  private int frozen() {
    return calls.call(
        () -> {
          reached.incrementAndGet();
          while (true) {
            try {
              thaw.await();
              return 0;
            } catch (InterruptedException e) {
              continue;
            }
          }
        });
  }

  @Test
  void whatIsAnsweredInTimeIsAnswered() {
    assertThat(well()).isEqualTo(1);
    assertThat(well()).isEqualTo(2);
  }

  @Test
  void aFaultOfTheGridIsTheCallersAndNoReasonToRest() {
    assertThatThrownBy(
            () ->
                calls.call(
                    () -> {
                      throw new IllegalStateException("partition lost");
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("partition lost");
    assertThat(well()).isEqualTo(1);
  }

  @Test
  void afterACallThatTakesTooLongTheRoomIsLeftAloneAndThenTriedByOne() {
    assertThatThrownBy(this::frozen).isInstanceOf(RoomCalls.AwayException.class);
    for (int i = 0; i < 100; i++) {
      assertThatThrownBy(this::well).isInstanceOf(RoomCalls.AwayException.class);
    }
    assertThat(reached.get()).as("calls that reached the room").isEqualTo(1);

    now.addAndGet(REST.toNanos());
    assertThatThrownBy(this::frozen).isInstanceOf(RoomCalls.AwayException.class);
    assertThatThrownBy(this::well).isInstanceOf(RoomCalls.AwayException.class);
    assertThat(reached.get()).isEqualTo(2);

    now.addAndGet(REST.toNanos());
    thaw.countDown();
    await().until(() -> threads.getActiveCount() == 0);
    assertThat(well()).isEqualTo(3);
    assertThat(well()).isEqualTo(4);
  }

  @Test
  void threadsThatTheGridHoldsAreBounded() {
    for (int i = 0; i < 5; i++) {
      assertThatThrownBy(this::frozen).isInstanceOf(RoomCalls.AwayException.class);
      now.addAndGet(REST.toNanos());
    }
    assertThat(reached.get()).isEqualTo(2);
    assertThat(threads.getPoolSize()).isEqualTo(2);
  }
}
