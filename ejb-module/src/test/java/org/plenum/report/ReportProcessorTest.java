package org.plenum.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.plenum.report.NewReports.plain;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.NewReport;
import org.plenum.report.api.ReportAnswer;
import org.plenum.report.api.ReportEnvelope;
import org.plenum.report.api.ReportService;
import org.plenum.report.queue.BufferedQueue;
import org.plenum.report.queue.DeadLetter;
import org.plenum.report.queue.QueueOptions;
import org.plenum.report.queue.Report;
import org.plenum.report.queue.journal.FileSystemDisk;
import org.plenum.report.queue.journal.JournalOptions;
import org.plenum.report.queue.journal.JournalStore;
import org.plenum.update.CountingMeters;

/** Intake and processing around a real journal; what takes the reports is a list. */
class ReportProcessorTest {
  @TempDir private Path folder;

  private final CountingMeters meters = new CountingMeters();
  private final List<String> applied = Collections.synchronizedList(new ArrayList<>());
  private final Set<String> known = Collections.synchronizedSet(new HashSet<>());
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

  private ReportAnswer submit(int from, int to) throws Exception {
    List<NewReport> some = new ArrayList<>();
    for (int i = from; i <= to; i++) {
      some.add(plain("a", "k" + i).report());
    }
    return reports.submit(some).toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private int apply(List<ReportEnvelope> batch) {
    int fresh = 0;
    for (ReportEnvelope envelope : batch) {
      if (known.add(envelope.report().key())) {
        applied.add(envelope.report().key());
        fresh++;
      }
    }
    return fresh;
  }

  private ReportProcessor processor(ToIntFunction<List<ReportEnvelope>> sink) {
    return new ReportProcessor(
        () -> queue.consumer("g"), sink, () -> {}, 7, Duration.ofMillis(1), "g", meters);
  }

  private static List<String> keys(int from, int to) {
    List<String> keys = new ArrayList<>();
    for (int i = from; i <= to; i++) {
      keys.add("k" + i);
    }
    return keys;
  }

  private void during(ReportProcessor processor, Runnable meanwhile) throws InterruptedException {
    Thread thread = new Thread(processor);
    thread.start();
    try {
      meanwhile.run();
    } finally {
      processor.stop();
      thread.join(20_000);
    }
    assertThat(thread.isAlive()).isFalse();
  }

  private void awaitLag(long lag) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(5))
        .until(() -> queue.view().groups().getFirst().lag() == lag);
  }

  @Test
  void acceptedReportsAreProcessedInOrder() throws Exception {
    assertThat(submit(1, 40)).isEqualTo(new ReportAnswer.Accepted(1, 40));
    during(processor(this::apply), () -> awaitLag(0));
    assertThat(applied).isEqualTo(keys(1, 40));
    assertThat(meters.value("report_g_applied")).isEqualTo(40);
  }

  @Test
  void whileTheSinkIsAwayReportsAreTakenAndKept() throws Exception {
    AtomicBoolean away = new AtomicBoolean(true);
    AtomicInteger tries = new AtomicInteger();
    submit(1, 10);
    ReportProcessor processor =
        processor(
            batch -> {
              if (away.get()) {
                tries.incrementAndGet();
                throw new ServiceException(ErrorCode.READ_UNAVAILABLE, "away");
              }
              return apply(batch);
            });
    during(
        processor,
        () -> {
          Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> tries.get() > 20);
          assertThat(reports.submit(plainReports(11, 50)).toCompletableFuture().join())
              .isEqualTo(new ReportAnswer.Accepted(11, 50));
          assertThat(applied).isEmpty();
          away.set(false);
          awaitLag(0);
        });
    assertThat(applied).isEqualTo(keys(1, 50));
    assertThat(queue.deadLetters(0, 10)).as("an outage condemns nothing").isEmpty();
  }

  private static List<NewReport> plainReports(int from, int to) {
    return keys(from, to).stream().map(key -> plain("a", key).report()).toList();
  }

  @Test
  void aFaultOfTheSinkIsAnOutageAndNoFaultOfTheReports() throws Exception {
    AtomicInteger faults = new AtomicInteger();
    submit(1, 10);
    during(
        processor(
            batch -> {
              if (faults.incrementAndGet() < 5) {
                throw new IllegalStateException("being taken down");
              }
              return apply(batch);
            }),
        () -> awaitLag(0));
    assertThat(applied).isEqualTo(keys(1, 10));
    assertThat(queue.deadLetters(0, 10)).isEmpty();
  }

  @Test
  void aFaultBetweenTheQueueAndTheSinkDoesNotEndTheProcessing() throws Exception {
    AtomicInteger faults = new AtomicInteger();
    submit(1, 10);
    ReportProcessor processor =
        new ReportProcessor(
            () -> {
              if (faults.incrementAndGet() < 5) {
                throw new IllegalStateException("a bug");
              }
              return queue.consumer("g");
            },
            this::apply,
            () -> {},
            7,
            Duration.ofMillis(1),
            "g",
            meters);
    during(processor, () -> awaitLag(0));
    assertThat(applied).isEqualTo(keys(1, 10));
  }

  @Test
  void aReportThatTheSinkRefusesBecomesADeadLetterAndTheOthersGoOn() throws Exception {
    submit(1, 20);
    during(
        processor(
            batch -> {
              if (batch.stream().anyMatch(it -> it.report().key().equals("k9"))) {
                throw new ServiceException(ErrorCode.INVALID_VALUE, "not this one");
              }
              return apply(batch);
            }),
        () -> awaitLag(0));

    List<String> expected = new ArrayList<>(keys(1, 20));
    expected.remove("k9");
    assertThat(applied).isEqualTo(expected);
    assertThat(queue.deadLetters(0, 10))
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.report().report().key()).isEqualTo("k9");
              assertThat(letter.reason()).isEqualTo("not this one");
              assertThat(letter.attempts()).isEqualTo(3);
            });
  }

  @Test
  void whatIsNoReportOfOursBecomesADeadLetterAndTheOthersGoOn() throws Exception {
    submit(1, 2);
    queue
        .append(new Report("a", "foreign", new byte[] {9, 9}), Duration.ofSeconds(20))
        .get(20, TimeUnit.SECONDS);
    submit(3, 4);
    during(processor(this::apply), () -> awaitLag(0));
    assertThat(applied).isEqualTo(keys(1, 4));
    assertThat(queue.deadLetters(0, 10)).extracting(DeadLetter::id).hasSize(1);
  }

  @Test
  void whatWasAppliedAndNotAcknowledgedComesAgainAndHasNoSecondEffect() throws Exception {
    submit(1, 10);
    AtomicInteger calls = new AtomicInteger();
    during(
        processor(
            batch -> {
              int fresh = apply(batch);
              if (calls.incrementAndGet() == 1) {
                throw new ServiceException(
                    ErrorCode.READ_UNAVAILABLE, "the commit's answer is lost");
              }
              return fresh;
            }),
        () -> awaitLag(0));
    assertThat(applied).isEqualTo(keys(1, 10));
    assertThat(meters.value("report_g_repeated")).isEqualTo(7);
  }

  @Test
  void refusalsAreCodedAndNothingOfTheListIsTaken() throws Exception {
    assertThat(code(reports.submit(List.of()))).isEqualTo(ErrorCode.INVALID_VALUE);
    assertThat(code(reports.submit(plainReports(1, 101)))).isEqualTo(ErrorCode.PAYLOAD_TOO_LARGE);
    List<NewReport> oneIsBad = new ArrayList<>(plainReports(1, 3));
    oneIsBad.add(
        NewReports.state("k", "ada", "d", "{\"state\":\"asleep\"}", NewReports.AT).report());
    assertThat(code(reports.submit(oneIsBad))).isEqualTo(ErrorCode.INVALID_VALUE);
    assertThat(queue.view().store().last()).isZero();
    queue.close();
    assertThat(code(reports.submit(plainReports(1, 1)))).isEqualTo(ErrorCode.REPORTS_UNAVAILABLE);
  }

  @Test
  void ofSeveralEachForItselfTheSoundOnesAreTakenInTheirOrder() throws Exception {
    List<NewReport> some = new ArrayList<>(plainReports(1, 3));
    some.add(
        1, NewReports.state("k", "ada", "d", "{\"state\":\"asleep\"}", NewReports.AT).report());
    ReportService.Sorted sorted = reports.submitEach(some);
    assertThat(sorted.refused().stream().map(no -> no == null ? null : no.code()))
        .containsExactly(null, ErrorCode.INVALID_VALUE, null, null);
    assertThat(sorted.answer().toCompletableFuture().get(20, TimeUnit.SECONDS))
        .isEqualTo(new ReportAnswer.Accepted(1, 3));

    assertThat(reports.submitEach(List.of(some.get(1))).answer()).isNull();
    assertThat(code(reports.submitEach(List.of()).answer())).isEqualTo(ErrorCode.INVALID_VALUE);
    assertThat(code(reports.submitEach(plainReports(1, 101)).answer()))
        .isEqualTo(ErrorCode.PAYLOAD_TOO_LARGE);
    assertThat(queue.view().store().last()).isEqualTo(3);
    queue.close();
    assertThat(code(reports.submitEach(plainReports(1, 1)).answer()))
        .isEqualTo(ErrorCode.REPORTS_UNAVAILABLE);
  }

  @Test
  void aFullQueueSaysSoAndWhenToComeAgain() throws Exception {
    queue.close();
    queue =
        BufferedQueue.open(
            new JournalStore(
                new FileSystemDisk(folder),
                new JournalOptions("node", 1 << 20, Duration.ZERO),
                Clock.systemUTC()),
            QueueOptions.defaults().withRetention(Duration.ofDays(1), 1, false),
            Clock.systemUTC());
    queue.addGroup("g", true);
    reports = new Reports(queue, new ReportChecks(1_000), 100, Clock.systemUTC());
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                reports.submit(plainReports(1, 1)).toCompletableFuture().get()
                        instanceof ReportAnswer.Rejected no
                    && no.code() == ErrorCode.REPORT_QUEUE_FULL
                    && no.retryAfter() != null);
  }

  private static ErrorCode code(CompletionStage<ReportAnswer> stage) throws Exception {
    ReportAnswer answer = stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    assertThat(answer).isInstanceOf(ReportAnswer.Rejected.class);
    return ((ReportAnswer.Rejected) answer).code();
  }
}
