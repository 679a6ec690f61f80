package org.plenum.report.queue.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.plenum.report.queue.Appended;
import org.plenum.report.queue.BufferedQueue;
import org.plenum.report.queue.DeadLetter;
import org.plenum.report.queue.GroupView;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.QueueException.Reason;
import org.plenum.report.queue.QueueOptions;
import org.plenum.report.queue.QueuedReport;
import org.plenum.report.queue.Report;
import org.plenum.report.queue.ReportBatch;
import org.plenum.report.queue.ReportConsumer;
import org.plenum.report.queue.Reports;

/** The whole queue on a journal of a simulated disk. */
class BufferedQueueTest {
  private static final Duration WAIT = Duration.ofSeconds(20);
  private static final Duration NOW = Duration.ZERO;
  private static final QueueOptions OPTIONS =
      QueueOptions.defaults().withRedelivery(3, Duration.ofMillis(1), 2);

  private final SimulatedDisk disk = new SimulatedDisk();

  private BufferedQueue open(QueueOptions options) {
    JournalOptions journal = new JournalOptions("node", 64 << 10, Duration.ZERO);
    return BufferedQueue.open(
        new JournalStore(disk, journal, Clock.systemUTC()), options, Clock.systemUTC());
  }

  private static Appended push(BufferedQueue queue, long first, long last) throws Exception {
    List<Report> reports = new ArrayList<>();
    for (long number = first; number <= last; number++) {
      reports.add(Reports.of(number));
    }
    return queue.append(reports, WAIT).get(20, TimeUnit.SECONDS);
  }

  /** Acknowledges so many reports and gives their sequences. */
  private static List<Long> consume(ReportConsumer consumer, int count) throws Exception {
    List<Long> got = new ArrayList<>();
    while (got.size() < count) {
      ReportBatch batch = consumer.poll(count - got.size(), 1 << 20, WAIT);
      assertThat(batch.isEmpty()).as("reports within the wait").isFalse();
      for (QueuedReport report : batch.reports()) {
        assertThat(report.report().payload()).isEqualTo(Reports.of(report.sequence()).payload());
        got.add(report.sequence());
      }
      consumer.ack(batch.lastSequence());
    }
    return got;
  }

  private static List<Long> numbers(long first, long last) {
    List<Long> all = new ArrayList<>();
    for (long number = first; number <= last; number++) {
      all.add(number);
    }
    return all;
  }

  @Test
  void reportsComeInTheOrderOfTheirAppendsToEachGroup() throws Exception {
    try (BufferedQueue queue = open(OPTIONS)) {
      queue.addGroup("a", true);
      queue.addGroup("b", true);
      assertThat(push(queue, 1, 100)).isEqualTo(new Appended(1, 100));
      assertThat(consume(queue.consumer("a"), 100)).isEqualTo(numbers(1, 100));
      assertThat(consume(queue.consumer("b"), 100)).isEqualTo(numbers(1, 100));
    }
  }

  @Test
  void whatFindsNoPlaceInMemoryIsReadFromStorageInOrderUntilTheGroupHasCaughtUp() throws Exception {
    try (BufferedQueue queue = open(OPTIONS.withSecond(10, 1 << 20))) {
      queue.addGroup("slow", true);
      ReportConsumer consumer = queue.consumer("slow");
      long pushed = 0;
      List<Long> got = new ArrayList<>();
      for (int round = 0; round < 200; round++) {
        push(queue, pushed + 1, pushed + 20);
        pushed += 20;
        got.addAll(consume(consumer, 10));
        GroupView group = queue.view().groups().get(0);
        assertThat(group.buffer().primaryCount()).isLessThanOrEqualTo(10);
        assertThat(group.buffer().standbyCount()).isLessThanOrEqualTo(10);
      }
      assertThat(queue.view().groups().get(0).buffer().abnormalSince()).isNotNull();
      got.addAll(consume(consumer, (int) (pushed - got.size())));
      assertThat(got).isEqualTo(numbers(1, pushed));
      assertThat(queue.view().groups().get(0).buffer().abnormalSince()).isNull();
      assertThat(queue.view().groups().get(0).buffer().readFromStorage()).isPositive();
    }
  }

  @Test
  void aGroupGoesOnAtItsCursorAfterARestart() throws Exception {
    try (BufferedQueue queue = open(OPTIONS)) {
      queue.addGroup("a", true);
      push(queue, 1, 50);
      assertThat(consume(queue.consumer("a"), 20)).isEqualTo(numbers(1, 20));
    }
    try (BufferedQueue queue = open(OPTIONS)) {
      push(queue, 51, 60);
      assertThat(consume(queue.consumer("a"), 40)).isEqualTo(numbers(21, 60));
    }
  }

  @Test
  void aNewerConsumerTakesOverAndGetsWhatWasNotAcknowledged() throws Exception {
    try (BufferedQueue queue = open(OPTIONS)) {
      queue.addGroup("a", true);
      push(queue, 1, 10);
      ReportConsumer old = queue.consumer("a");
      old.poll(10, 1 << 20, WAIT);
      old.ack(4);
      ReportConsumer newer = queue.consumer("a");
      assertThatThrownBy(() -> old.ack(10))
          .isInstanceOfSatisfying(
              QueueException.class, e -> assertThat(e.reason()).isEqualTo(Reason.REPLACED));
      ReportBatch again = newer.poll(10, 1 << 20, WAIT);
      assertThat(again.reports().get(0).sequence()).isEqualTo(5);
      assertThat(again.attempt()).isEqualTo(2);
    }
  }

  @Test
  void aPoisonReportBecomesADeadLetterAfterItsLastAttemptAndTheRestGoesOn() throws Exception {
    try (BufferedQueue queue = open(OPTIONS)) {
      queue.addGroup("a", true);
      push(queue, 1, 10);
      ReportConsumer consumer = queue.consumer("a");
      List<Long> done = new ArrayList<>();
      int attempts = 0;
      while (done.size() < 9) {
        for (QueuedReport report : consumer.poll(10, 1 << 20, WAIT).reports()) {
          if (report.sequence() == 5) {
            attempts++;
            consumer.reject(5, "cannot be parsed");
            break;
          }
          done.add(report.sequence());
          consumer.ack(report.sequence());
        }
      }
      assertThat(attempts).isEqualTo(3);
      assertThat(done).containsExactly(1L, 2L, 3L, 4L, 6L, 7L, 8L, 9L, 10L);
      List<DeadLetter> letters = queue.deadLetters(0, 10);
      assertThat(letters).hasSize(1);
      assertThat(letters.get(0).reason()).isEqualTo("cannot be parsed");
      assertThat(queue.replay(letters.get(0).id(), WAIT).get(20, TimeUnit.SECONDS).first())
          .isEqualTo(11);
      ReportBatch again = consumer.poll(10, 1 << 20, WAIT);
      assertThat(again.reports().get(0).report().key()).isEqualTo("key-5");
      assertThat(queue.deadLetters(0, 10)).isEmpty();
    }
  }

  @Test
  void aFailedForceIsNoAcknowledgementAndTheQueueGoesOnInAnotherFile() throws Exception {
    try (BufferedQueue queue = open(OPTIONS)) {
      queue.addGroup("a", true);
      push(queue, 1, 5);
      disk.failForceOf("report 6 ");
      CompletableFuture<Appended> failed = queue.append(Reports.of(6), WAIT);
      assertThatThrownBy(() -> failed.get(20, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOfSatisfying(
              QueueException.class, e -> assertThat(e.reason()).isEqualTo(Reason.STORAGE_FAILED));
      assertThat(queue.view().failing()).contains("not written");
      pushUntilTaken(queue, 6);
      assertThat(queue.view().failing()).isNull();
      assertThat(queue.view().store().lastFailure()).isNotNull();
      assertThat(consume(queue.consumer("a"), 6)).isEqualTo(numbers(1, 6));
    }
  }

  @Test
  void aFullDiskRefusesProducersServesConsumersAndRecoversWhenThereIsSpace() throws Exception {
    try (BufferedQueue queue = open(OPTIONS)) {
      queue.addGroup("a", true);
      long last = 0;
      disk.capacity(400 << 10);
      Throwable refused = null;
      while (refused == null) {
        try {
          push(queue, last + 1, last + 50);
          last += 50;
        } catch (ExecutionException e) {
          refused = e.getCause();
        }
      }
      assertThat(refused)
          .isInstanceOfSatisfying(
              QueueException.class, e -> assertThat(e.reason()).isEqualTo(Reason.STORAGE_FULL));
      assertThat(consume(queue.consumer("a"), (int) last)).isEqualTo(numbers(1, last));
      disk.capacity(Long.MAX_VALUE);
      pushUntilTaken(queue, last + 1);
      assertThat(consume(queue.consumer("a"), 1)).isEqualTo(List.of(last + 1));
    }
  }

  private static void pushUntilTaken(BufferedQueue queue, long number) throws Exception {
    while (true) {
      try {
        queue.append(Reports.of(number), WAIT).get(20, TimeUnit.SECONDS);
        return;
      } catch (ExecutionException e) {
        assertThat(e.getCause()).isInstanceOf(QueueException.class);
      }
    }
  }

  @Test
  void aPushThatNeverFitsIsRefusedAtOnceAndOneThatFillsTheBufferIsTaken() throws Exception {
    try (BufferedQueue queue = open(OPTIONS.withFirst(10, 1 << 20))) {
      assertThatThrownBy(() -> push(queue, 1, 11)).isInstanceOf(IllegalArgumentException.class);
      assertThat(push(queue, 1, 10)).isEqualTo(new Appended(1, 10));
    }
  }

  @Test
  void ownerThatWasTakenOverFromAcknowledgesNothingMore() throws Exception {
    disk.withoutLocks();
    try (BufferedQueue old = open(OPTIONS)) {
      old.addGroup("a", true);
      push(old, 1, 10);
      try (BufferedQueue newer = open(OPTIONS)) {
        CompletableFuture<Appended> late = old.append(Reports.of(11), WAIT);
        assertThatThrownBy(() -> late.get(20, TimeUnit.SECONDS))
            .cause()
            .isInstanceOfSatisfying(
                QueueException.class, e -> assertThat(e.reason()).isEqualTo(Reason.FENCED));
        assertThat(old.ended())
            .isNotNull()
            .extracting(QueueException::reason)
            .isEqualTo(Reason.FENCED);
        assertThat(old.view().failing()).contains("over");
        assertThat(newer.ended()).isNull();
        push(newer, 11, 12);
        assertThat(consume(newer.consumer("a"), 12)).isEqualTo(numbers(1, 12));
      }
    }
  }

  @Test
  void aSecondOwnerIsRefusedWhileTheLockIsHeld() {
    try (BufferedQueue queue = open(OPTIONS)) {
      assertThat(queue.view().store().epoch()).isEqualTo(1);
      assertThatThrownBy(() -> open(OPTIONS))
          .isInstanceOfSatisfying(
              QueueException.class, e -> assertThat(e.reason()).isEqualTo(Reason.IN_USE))
          .hasMessageContaining("node");
    }
  }

  @Test
  void acknowledgedSegmentsGoAndTheirFilesAreUsedAgain() throws Exception {
    try (BufferedQueue queue = open(OPTIONS)) {
      queue.addGroup("a", true);
      ReportConsumer consumer = queue.consumer("a");
      for (long round = 0; round < 40; round++) {
        push(queue, round * 100 + 1, round * 100 + 100);
        consume(consumer, 100);
      }
      Awaitility.await()
          .atMost(WAIT)
          .untilAsserted(() -> assertThat(queue.view().store().files()).isLessThan(4));
      assertThat(consumer.poll(1, 1, NOW).isEmpty()).isTrue();
    }
  }
}
