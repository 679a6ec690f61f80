package org.plenum.report.queue.journal;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.plenum.report.queue.BufferedQueue;
import org.plenum.report.queue.QueueOptions;
import org.plenum.report.queue.QueuedReport;
import org.plenum.report.queue.Report;
import org.plenum.report.queue.ReportBatch;
import org.plenum.report.queue.ReportConsumer;

/**
 * Pushes twice as fast as its consumer takes, many times more than its heap holds, then lets the
 * consumer catch up. Ends with 0 when all came in order and the group is normal again.
 */
final class SlowConsumerProcess {
  private static final Duration WAIT = Duration.ofSeconds(30);
  private static final int ROUNDS = 600;
  private static final int PUSHED = 200;
  private static final int BYTES = 1_024;

  private SlowConsumerProcess() {}

  /** The folder. */
  public static void main(String[] arguments) throws Exception {
    JournalStore store =
        new JournalStore(
            new FileSystemDisk(Path.of(arguments[0])),
            new JournalOptions("child", 4 << 20, Duration.ZERO),
            Clock.systemUTC());
    QueueOptions options = QueueOptions.defaults().withFirst(1_000, 1 << 20);
    try (BufferedQueue queue =
        BufferedQueue.open(store, options.withSecond(10_000, 4 << 20), Clock.systemUTC())) {
      queue.addGroup("slow", true);
      ReportConsumer consumer = queue.consumer("slow");
      long expected = 1;
      for (int round = 0; round < ROUNDS; round++) {
        List<Report> reports = new ArrayList<>(PUSHED);
        for (int i = 0; i < PUSHED; i++) {
          reports.add(new Report("source", "", new byte[BYTES]));
        }
        queue.append(reports, WAIT).get(30, TimeUnit.SECONDS);
        expected = consume(consumer, expected, PUSHED / 2);
      }
      boolean overflowed = queue.view().groups().get(0).buffer().abnormalSince() != null;
      while (expected <= (long) ROUNDS * PUSHED) {
        expected = consume(consumer, expected, 5_000);
      }
      boolean normal = queue.view().groups().get(0).buffer().abnormalSince() == null;
      System.exit(overflowed && normal ? 0 : 3);
    }
  }

  private static long consume(ReportConsumer consumer, long expected, int most) throws Exception {
    ReportBatch batch = consumer.poll(most, 4 << 20, WAIT);
    long next = expected;
    for (QueuedReport report : batch.reports()) {
      if (report.sequence() != next++) {
        System.err.println(report.sequence() + " came where " + (next - 1) + " should");
        System.exit(2);
      }
    }
    consumer.ack(next - 1);
    return next;
  }
}
