package org.plenum.platform;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.metrics.Meters;

/**
 * A bounded number of platform threads, with a bounded queue, for work that may wait. Not virtual
 * threads: such work uses the container's pools and loads classes, and a virtual thread that waits
 * for a class loader keeps its carrier; as soon as all carriers wait for one that has none, nothing
 * virtual runs any more (ADR 0042). Threads end when nothing was to do for a minute. Thread-safe.
 */
public final class WorkerPool implements Executor, AutoCloseable {
  private static final long IDLE_SECONDS = 60;
  private static final Duration END = Duration.ofSeconds(5);

  private final ThreadPoolExecutor pool;

  /**
   * A pool without threads yet.
   *
   * @param name of its threads; its gauge is {@code <name>_waiting}, with underscores
   * @param threads at most
   * @param waiting tasks that may wait for a thread
   * @param factory the container's, so that the threads belong to the application
   */
  public WorkerPool(String name, int threads, int waiting, ThreadFactory factory, Meters meters) {
    AtomicInteger numbers = new AtomicInteger();
    pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(waiting),
            task -> {
              Thread thread = made(factory, task);
              thread.setName("plenum-" + name + "-" + numbers.incrementAndGet());
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    meters.gauge(
        name.replace('-', '_') + "_waiting",
        "Tasks that wait for a thread of the pool " + name,
        pool.getQueue()::size);
  }

  /** A container that is going down makes no thread any more: it throws, or gives none. */
  private static Thread made(ThreadFactory factory, Runnable task) {
    @Nullable Thread thread;
    try {
      thread = factory.newThread(task);
    } catch (IllegalStateException e) {
      throw new RejectedExecutionException("no thread is made any more", e);
    }
    if (thread == null) {
      throw new RejectedExecutionException("no thread is made");
    }
    return thread;
  }

  /**
   * Runs the task soon.
   *
   * @throws RejectedExecutionException when too many wait, no thread is made, or the pool is closed
   */
  @Override
  public void execute(Runnable task) {
    pool.execute(task);
  }

  /** Takes no more tasks; gives those that run or wait a few seconds, then interrupts. */
  @Override
  public void close() {
    pool.shutdown();
    try {
      if (!pool.awaitTermination(END.toMillis(), TimeUnit.MILLISECONDS)) {
        pool.shutdownNow();
      }
    } catch (InterruptedException e) {
      pool.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
