package org.plenum.bench.queue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Consumer;
import org.plenum.report.queue.BufferedQueue;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.QueueException.Reason;
import org.plenum.report.queue.QueueOptions;
import org.plenum.report.queue.QueuedReport;
import org.plenum.report.queue.Report;
import org.plenum.report.queue.ReportBatch;
import org.plenum.report.queue.ReportConsumer;
import org.plenum.report.queue.journal.FileSystemDisk;
import org.plenum.report.queue.journal.JournalOptions;
import org.plenum.report.queue.journal.JournalStore;

/** Ours, with the settings it comes with. */
final class PlenumQueue implements DurableQueue {
  private static final Duration WAIT = Duration.ofSeconds(30);
  private static final int MOST = 4_096;

  private final BufferedQueue queue;

  PlenumQueue(Path folder) throws IOException {
    queue =
        BufferedQueue.open(
            new JournalStore(
                new FileSystemDisk(folder), JournalOptions.defaults("bench"), Clock.systemUTC()),
            QueueOptions.defaults(),
            Clock.systemUTC());
    queue.addGroup("bench", true);
  }

  @Override
  public void send(byte[] body, Runnable acknowledged) throws InterruptedException {
    queue
        .append(new Report("bench", "", body), WAIT)
        .whenComplete(
            (done, failure) -> {
              if (failure != null) {
                throw new IllegalStateException(failure);
              }
              acknowledged.run();
            });
  }

  @Override
  public void consume(Consumer<byte[]> consumer) {
    ReportConsumer from = queue.consumer("bench");
    Thread.ofPlatform().daemon().name("consumer").start(() -> consume(from, consumer));
  }

  private static void consume(ReportConsumer from, Consumer<byte[]> consumer) {
    try {
      while (true) {
        ReportBatch batch = from.poll(MOST, 4 << 20, Duration.ofSeconds(1));
        for (QueuedReport report : batch.reports()) {
          consumer.accept(report.report().payload());
        }
        if (!batch.isEmpty()) {
          from.ack(batch.lastSequence());
        }
      }
    } catch (QueueException e) {
      if (e.reason() != Reason.CLOSED) {
        throw e;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  BufferedQueue queue() {
    return queue;
  }

  @Override
  public void close() {
    queue.close();
  }
}
