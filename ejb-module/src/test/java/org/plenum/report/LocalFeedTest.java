package org.plenum.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.plenum.report.NewReports.plain;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.NewReport;
import org.plenum.report.api.ReportFeeds.Delivered;
import org.plenum.report.queue.BufferedQueue;
import org.plenum.report.queue.QueueOptions;
import org.plenum.report.queue.Report;
import org.plenum.report.queue.journal.FileSystemDisk;
import org.plenum.report.queue.journal.JournalOptions;
import org.plenum.report.queue.journal.JournalStore;

/** A feed of a real queue, in which something is no report. */
@Timeout(60)
class LocalFeedTest {
  private static final Duration WAIT = Duration.ofSeconds(5);
  private static final Duration SHORTLY = Duration.ofMillis(20);

  @TempDir private Path folder;
  private BufferedQueue queue;
  private Reports reports;

  @BeforeEach
  void open() throws IOException {
    queue =
        BufferedQueue.open(
            new JournalStore(
                new FileSystemDisk(folder),
                new JournalOptions("node", 1 << 20, Duration.ZERO),
                Clock.systemUTC()),
            QueueOptions.defaults().withRedelivery(3, Duration.ofMillis(1), 10),
            Clock.systemUTC());
    queue.addGroup("g", true);
    reports = new Reports(queue, new ReportChecks(1_000), 100, Clock.systemUTC());
  }

  @AfterEach
  void close() {
    queue.close();
  }

  private void submit(int from, int to) throws Exception {
    List<NewReport> some = new ArrayList<>();
    for (int i = from; i <= to; i++) {
      some.add(plain("a", "k" + i).report());
    }
    reports.submit(some).toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  /** Nine, one that is no report, fifty: in one batch. */
  private void fill(boolean lost) throws Exception {
    submit(1, 9);
    Report bad = lost ? Report.lost(10) : new Report("a", "bad", new byte[] {9, 9});
    queue.append(bad, WAIT).get(20, TimeUnit.SECONDS);
    submit(11, 60);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatIsNoReportBecomesADeadLetterAndNothingBehindItIsLost(boolean lost) throws Exception {
    fill(lost);
    List<String> keys = new ArrayList<>();
    try (LocalFeed feed = new LocalFeed(queue.consumer("g"))) {
      while (keys.size() < 59) {
        List<Delivered> batch = feed.poll(256, WAIT);
        for (Delivered each : batch) {
          keys.add(each.envelope().report().key());
        }
        if (!batch.isEmpty()) {
          feed.ack(batch.getLast().sequence());
        }
      }
      assertThat(feed.acked()).isEqualTo(60);
    }
    List<String> expected = new ArrayList<>();
    for (int i = 1; i <= 60; i++) {
      if (i != 10) {
        expected.add("k" + i);
      }
    }
    assertThat(keys).isEqualTo(expected);
    assertThat(queue.deadLetters(0, 10))
        .singleElement()
        .satisfies(letter -> assertThat(letter.report().sequence()).isEqualTo(10));
  }

  @Test
  void nothingBehindItGoesOutOrIsAcknowledgedBeforeItIsDoneWith() throws Exception {
    fill(false);
    try (LocalFeed feed = new LocalFeed(queue.consumer("g"))) {
      List<Delivered> first = feed.poll(256, WAIT);
      assertThat(first).extracting(Delivered::sequence).last().isEqualTo(9L);
      assertThat(feed.poll(256, SHORTLY)).isEmpty();
      assertThatThrownBy(() -> feed.ack(10))
          .isInstanceOfSatisfying(
              ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_VALUE));
      assertThatThrownBy(() -> feed.reject(11, "no")).isInstanceOf(ServiceException.class);
      feed.ack(5);
      assertThat(feed.poll(256, SHORTLY)).isEmpty();
      assertThat(queue.deadLetters(0, 10)).isEmpty();
      feed.reject(7, "not this one");
      List<Delivered> again = feed.poll(256, WAIT);
      assertThat(again).extracting(Delivered::sequence).containsExactly(7L);
    }
  }
}
