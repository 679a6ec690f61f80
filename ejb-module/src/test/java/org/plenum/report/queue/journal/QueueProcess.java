package org.plenum.report.queue.journal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.plenum.report.queue.Appended;
import org.plenum.report.queue.BufferedQueue;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.QueueOptions;
import org.plenum.report.queue.QueuedReport;
import org.plenum.report.queue.Report;
import org.plenum.report.queue.ReportBatch;
import org.plenum.report.queue.ReportConsumer;
import org.plenum.report.queue.Reports;

/**
 * A process of its own with producers and a consumer, to be killed. What it says on standard output
 * is the acknowledgement log: {@code a SEQUENCE NUMBER} after a report was acknowledged, {@code f
 * REASON} after one was refused, {@code d SEQUENCE} before the consumer acknowledges that. At the
 * step it is told, it says {@code stop} and stays there.
 */
public final class QueueProcess {
  private static final Duration WAIT = Duration.ofSeconds(20);
  private static final int PRODUCERS = 3;
  private static final Object OUTPUT = new Object();

  private QueueProcess() {}

  /**
   * Folder, first number, name of the step to stop at ("none" for none), at its how manieth time.
   */
  public static void main(String[] arguments) throws Exception {
    Logger.getLogger("org.plenum").setLevel(Level.OFF);
    Path folder = Path.of(arguments[0]);
    AtomicLong numbers = new AtomicLong(Long.parseLong(arguments[1]));
    AtomicInteger left = new AtomicInteger(Integer.parseInt(arguments[3]));
    serve(opened(folder, arguments[2], left), numbers);
  }

  /** Produces and consumes until the process is killed, or the queue is closed. */
  public static void serve(BufferedQueue queue, AtomicLong numbers) throws InterruptedException {
    say("open");
    for (int i = 0; i < PRODUCERS; i++) {
      Thread.ofPlatform().start(() -> produce(queue, numbers));
    }
    consume(queue);
  }

  /** Where forces fail now and then the recovery's may be among them: its process tries again. */
  private static BufferedQueue opened(Path folder, String stop, AtomicInteger left)
      throws IOException {
    JournalOptions options = new JournalOptions("child", 16 << 10, Duration.ZERO);
    QueueOptions bounds = QueueOptions.defaults().withRedelivery(2, Duration.ofMillis(1), 9);
    for (int attempt = 1; ; attempt++) {
      JournalStore store =
          new JournalStore(
              new FileSystemDisk(folder),
              options,
              Clock.systemUTC(),
              step -> {
                if (step.name().equals(stop) && left.decrementAndGet() == 0) {
                  say("stop");
                  while (true) {
                    LockSupport.park();
                  }
                }
              },
              true);
      BufferedQueue queue = null;
      try {
        queue = BufferedQueue.open(store, bounds, Clock.systemUTC());
        queue.addGroup("group", true);
        return queue;
      } catch (QueueException e) {
        if (queue != null) {
          queue.close();
        }
        if (e.reason() != QueueException.Reason.STORAGE_FAILED || attempt == 10) {
          throw e;
        }
      }
    }
  }

  private static void say(String line) {
    synchronized (OUTPUT) {
      byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
      System.out.write(bytes, 0, bytes.length); // whole lines: the pipe outlives this process
      System.out.flush();
    }
  }

  private static void produce(BufferedQueue queue, AtomicLong numbers) {
    while (true) {
      int count = 1 + (int) (numbers.get() % 4);
      long first = numbers.getAndAdd(count);
      List<Report> reports = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        reports.add(Reports.sized(first + i, (int) ((first + i) % 500)));
      }
      try {
        Appended done = queue.append(reports, WAIT).get(20, TimeUnit.SECONDS);
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
          lines.append(i == 0 ? "" : "\n");
          lines.append("a ").append(done.first() + i).append(' ').append(first + i);
        }
        say(lines.toString());
      } catch (ExecutionException e) {
        say("f " + (e.getCause() instanceof QueueException known ? known.reason() : e.getCause()));
      } catch (Exception e) {
        say("f " + e);
      }
    }
  }

  private static void consume(BufferedQueue queue) throws InterruptedException {
    ReportConsumer consumer = queue.consumer("group");
    while (true) {
      try {
        ReportBatch batch = consumer.poll(20, 1 << 20, Duration.ofSeconds(1));
        for (QueuedReport report : batch.reports()) {
          say("d " + report.sequence());
          if (report.sequence() % 40 == 0) {
            consumer.reject(report.sequence(), "every fortieth");
            break;
          }
          consumer.ack(report.sequence());
        }
        for (var letter : queue.deadLetters(0, 100)) {
          if (queue.view().deadLetters() > 5) {
            queue.discardDeadLetter(letter.id());
          }
        }
      } catch (QueueException e) {
        say("c " + e.reason());
        if (e.reason() == QueueException.Reason.CLOSED) {
          return;
        }
      }
    }
  }
}
