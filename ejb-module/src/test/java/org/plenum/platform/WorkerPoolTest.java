package org.plenum.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.plenum.platform.metrics.SilentMeters;

@Timeout(30)
class WorkerPoolTest {
  private static WorkerPool pool(int threads, int waiting) {
    return new WorkerPool("some-work", threads, waiting, Thread::new, new SilentMeters());
  }

  @Test
  void soManyRunSoManyWaitAndTheNextIsRefused() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    LinkedBlockingQueue<String> names = new LinkedBlockingQueue<>();
    Runnable task =
        () -> {
          names.add(Thread.currentThread().getName());
          try {
            release.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        };
    try (WorkerPool pool = pool(2, 3)) {
      for (int i = 0; i < 5; i++) {
        pool.execute(task);
      }
      assertThat(names.poll(20, TimeUnit.SECONDS)).startsWith("plenum-some-work-");
      assertThat(names.poll(20, TimeUnit.SECONDS)).startsWith("plenum-some-work-");
      assertThatThrownBy(() -> pool.execute(task)).isInstanceOf(RejectedExecutionException.class);
      assertThat(names).as("the others wait").isEmpty();
      release.countDown();
      for (int i = 0; i < 3; i++) {
        assertThat(names.poll(20, TimeUnit.SECONDS)).isNotNull();
      }
    }
  }

  @Test
  void whatWaitsWhenItIsClosedStillRuns() throws Exception {
    CountDownLatch ran = new CountDownLatch(100);
    WorkerPool pool = pool(1, 100);
    for (int i = 0; i < 100; i++) {
      pool.execute(ran::countDown);
    }
    pool.close();
    assertThat(ran.await(20, TimeUnit.SECONDS)).isTrue();
    assertThatThrownBy(() -> pool.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void itsThreadsAreNotVirtual() throws Exception {
    LinkedBlockingQueue<Boolean> virtual = new LinkedBlockingQueue<>();
    try (WorkerPool pool = pool(1, 1)) {
      pool.execute(() -> virtual.add(Thread.currentThread().isVirtual()));
      assertThat(virtual.poll(20, TimeUnit.SECONDS)).isFalse();
    }
  }

  @Test
  void aFactoryThatMakesNoThreadRefusesTheTask() {
    ThreadFactory stopped =
        task -> {
          throw new IllegalStateException("the container stops");
        };
    for (ThreadFactory factory : List.<ThreadFactory>of(stopped, task -> null)) {
      try (WorkerPool pool = new WorkerPool("some-work", 1, 1, factory, new SilentMeters())) {
        assertThatThrownBy(() -> pool.execute(() -> {}))
            .isInstanceOf(RejectedExecutionException.class);
      }
    }
  }
}
