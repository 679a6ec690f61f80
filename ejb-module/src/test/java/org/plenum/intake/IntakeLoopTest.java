package org.plenum.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class IntakeLoopTest {
  @Test
  void theLoopOutlivesAnAbsentQueueAndBatchesThatAreGivenBack() throws InterruptedException {
    AtomicInteger calls = new AtomicInteger();
    AtomicInteger prunes = new AtomicInteger();
    IntakeLoop loop =
        new IntakeLoop(
            () -> {
              int call = calls.incrementAndGet();
              if (call < 3) {
                throw new IllegalStateException("away");
              }
              return call > 5;
            },
            () -> true,
            prunes::incrementAndGet,
            Duration.ofMillis(1),
            Clock.systemUTC());
    Thread thread = new Thread(loop);
    thread.start();

    await().until(() -> calls.get() > 10);
    loop.stop();
    thread.join();
    assertThat(prunes.get()).isEqualTo(1);
  }

  @Test
  void nothingIsReceivedAfterABatchWasGivenBackUntilTheDatabaseAnswers()
      throws InterruptedException {
    AtomicInteger calls = new AtomicInteger();
    AtomicInteger probes = new AtomicInteger();
    IntakeLoop loop =
        new IntakeLoop(
            () -> {
              if (calls.incrementAndGet() == 2) {
                assertThat(probes.get()).isEqualTo(10);
              }
              return calls.get() > 1;
            },
            () -> {
              int probe = probes.incrementAndGet();
              return probe == 1 || probe == 10;
            },
            () -> {},
            Duration.ofMillis(1),
            Clock.systemUTC());
    Thread thread = new Thread(loop);
    thread.start();

    await().until(() -> calls.get() > 5);
    loop.stop();
    thread.join();
    assertThat(probes.get()).isEqualTo(10);
  }
}
