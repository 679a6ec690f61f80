package org.plenum.report.queue.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plenum.report.queue.BufferedQueue;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.QueueException.Reason;
import org.plenum.report.queue.QueueOptions;
import org.plenum.report.queue.ReportBatch;
import org.plenum.report.queue.ReportConsumer;
import org.plenum.report.queue.Reports;

/** A real disk that fills up, and a consumer that is too slow for a small heap. */
class JournalLimitsTest {
  private static final Duration WAIT = Duration.ofSeconds(30);

  @TempDir private Path scratch;

  private static int run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).inheritIO().start();
    if (!process.waitFor(120, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException(List.of(command) + " does not end");
    }
    return process.exitValue();
  }

  @Test
  void aFullDiskRefusesProducersAndGoesOnWhenThereIsSpace() throws Exception {
    Path mounted = Files.createDirectory(scratch.resolve("small"));
    assumeThat(System.getProperty("user.name")).as("only root may mount").isEqualTo("root");
    assumeThat(run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", mounted.toString()))
        .as("no tmpfs can be mounted here")
        .isZero();
    JournalOptions options = new JournalOptions("node", 64 << 10, Duration.ZERO);
    try (BufferedQueue queue =
        BufferedQueue.open(
            new JournalStore(new FileSystemDisk(mounted), options, Clock.systemUTC()),
            QueueOptions.defaults(),
            Clock.systemUTC())) {
      queue.addGroup("a", true);
      long last = 0;
      QueueException refused = null;
      while (refused == null) {
        try {
          queue.append(Reports.sized(last + 1, 2_000), WAIT).get(30, TimeUnit.SECONDS);
          last++;
        } catch (ExecutionException e) {
          refused = (QueueException) e.getCause();
        }
      }
      assertThat(refused.reason()).isEqualTo(Reason.STORAGE_FULL);
      assertThat(last).isGreaterThan(200);
      ReportConsumer consumer = queue.consumer("a");
      for (long next = 1; next <= last; ) {
        ReportBatch batch = consumer.poll(50, 1 << 20, WAIT);
        assertThat(batch.reports().get(0).sequence()).isEqualTo(next);
        next = batch.lastSequence() + 1;
        consumer.ack(batch.lastSequence()); // frees what it is done with, although the disk is full
      }
      long wanted = last + 1;
      Awaitility.await()
          .atMost(WAIT)
          .ignoreExceptions()
          .until(
              () ->
                  queue.append(Reports.of(wanted), WAIT).get(30, TimeUnit.SECONDS).first()
                      == wanted);
    } finally {
      run("umount", "-l", mounted.toString());
    }
  }

  @Test
  void aConsumerAtHalfTheRateGetsAllInOrderWithASmallHeap() throws Exception {
    int code =
        run(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx40m",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            SlowConsumerProcess.class.getName(),
            scratch.resolve("journal").toString());
    assertThat(code).as("120 MB through a heap of 40 MB").isZero();
  }
}
