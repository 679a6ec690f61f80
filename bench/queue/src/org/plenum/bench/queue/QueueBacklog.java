package org.plenum.bench.queue;

import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import org.plenum.report.queue.GroupView;

/**
 * A consumer that was away: the standby overflows, some million reports wait on storage, and are
 * drained while new ones keep coming. In a JVM of its own, whose heap is part of the promise.
 */
public final class QueueBacklog {
  private static final long BEHIND = Long.getLong("bench.backlog", 5_000_000);
  private static final int IN_FLIGHT = 1_024;

  private QueueBacklog() {}

  /** Entry point. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(System.getProperty("plenum.work")).resolve("queue").resolve("backlog");
    QueueBench.delete(folder);
    try (PlenumQueue queue = new PlenumQueue(folder)) {
      Semaphore room = new Semaphore(IN_FLIGHT);
      long start = System.nanoTime();
      for (long number = 0; number < BEHIND; number++) {
        room.acquire();
        queue.send(QueueBench.message(number), room::release);
      }
      room.acquire(IN_FLIGHT);
      double filled = (System.nanoTime() - start) / 1e9;
      GroupView group = queue.queue().view().groups().get(0);
      if (group.buffer().abnormalSince() == null || group.lag() != BEHIND) {
        throw new IllegalStateException("no overflow: " + group);
      }
      QueueBench.Checker checker = new QueueBench.Checker();
      start = System.nanoTime();
      queue.consume(checker::take);
      checker.awaitAll(BEHIND);
      double drained = (System.nanoTime() - start) / 1e9;
      group = queue.queue().view().groups().get(0);
      Runtime runtime = Runtime.getRuntime();
      System.out.printf(
          Locale.ROOT,
          "| backlog | plenum, %,d behind: filled at %,.0f/s, drained at %,.0f/s, %,d from storage,"
              + " largest heap %d MB | | | | |%n",
          BEHIND,
          BEHIND / filled,
          BEHIND / drained,
          group.buffer().readFromStorage(),
          runtime.maxMemory() >> 20);
    } finally {
      QueueBench.delete(folder);
    }
  }
}
