package org.plenum.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Start and stop of a consumer. */
class IntakeThreadTest {
  private final AtomicReference<@Nullable Thread> running = new AtomicReference<>();
  private final CountDownLatch taking = new CountDownLatch(1);
  private final AtomicBoolean interrupted = new AtomicBoolean();

  private IntakeThread start(BooleanSupplier batch) {
    IntakeLoop loop =
        new IntakeLoop(batch, () -> true, () -> {}, Duration.ofMillis(1), Clock.systemUTC());
    return IntakeThread.start(
        loop,
        task -> {
          Thread thread = Thread.ofPlatform().daemon().unstarted(task);
          running.set(thread);
          return thread;
        },
        "a-queue");
  }

  private Thread thread() {
    Thread thread = running.get();
    assertThat(thread).isNotNull();
    return thread;
  }

  @Test
  void theThreadHasItsName() throws InterruptedException {
    IntakeThread started =
        start(
            () -> {
              taking.countDown();
              return true;
            });
    taking.await();
    assertThat(thread().getName()).isEqualTo("a-queue");
    started.stop(Duration.ofSeconds(20));
  }

  @Test
  void aBatchThatIsBeingTakenIsFinished() throws InterruptedException {
    CountDownLatch go = new CountDownLatch(1);
    IntakeThread started =
        start(
            () -> {
              taking.countDown();
              try {
                go.await();
              } catch (InterruptedException e) {
                interrupted.set(true);
              }
              return true;
            });
    taking.await();
    Thread stopping = Thread.ofPlatform().start(() -> started.stop(Duration.ofSeconds(20)));
    go.countDown();
    assertThat(stopping.join(Duration.ofSeconds(20))).isTrue();
    assertThat(thread().isAlive()).isFalse();
    assertThat(interrupted).isFalse();
  }

  @Test
  void aBatchThatTakesTooLongIsInterruptedAndItsEndAwaited() throws InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    IntakeThread started =
        start(
            () -> {
              taking.countDown();
              try {
                never.await();
              } catch (InterruptedException e) {
                interrupted.set(true);
                Thread.currentThread().interrupt();
              }
              return true;
            });
    taking.await();
    started.stop(Duration.ofMillis(1));
    assertThat(interrupted).isTrue();
    assertThat(thread().isAlive()).isFalse();
  }
}
