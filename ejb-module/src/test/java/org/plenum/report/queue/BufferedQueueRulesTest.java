package org.plenum.report.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.plenum.report.queue.QueueException.Reason;

/** What happens between the steps of the queue, held open by a store that waits there. */
class BufferedQueueRulesTest {
  private static final Duration WAIT = Duration.ofSeconds(20);
  private static final QueueOptions OPTIONS =
      QueueOptions.defaults().withRedelivery(2, Duration.ofMillis(1), 3);

  private final InMemoryReportStore.Shelf shelf = new InMemoryReportStore.Shelf();
  private final InMemoryReportStore store = new InMemoryReportStore(shelf, false);

  private BufferedQueue open(QueueOptions options) {
    return BufferedQueue.open(store, options, Clock.systemUTC());
  }

  private static void push(BufferedQueue queue, long first, long last) throws Exception {
    List<Report> reports = Reports.range(first, last).stream().map(QueuedReport::report).toList();
    queue.append(reports, WAIT).get(20, TimeUnit.SECONDS);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Reason reasonOf(Throwable thrown) {
    return ((QueueException) thrown).reason();
  }

  private long storedCursor(String group) {
    synchronized (shelf) {
      Cursor cursor = shelf.cursors.get(group);
      return cursor == null ? -1 : cursor.acked();
    }
  }

  /** Waits in the first operation of this name until it is let go. */
  private final class Gate {
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch opened = new CountDownLatch(1);

    Gate(String operation) {
      AtomicBoolean first = new AtomicBoolean(true);
      store.before(
          name -> {
            if (name.equals(operation) && first.compareAndSet(true, false)) {
              reached.countDown();
              await(opened);
            }
          });
    }
  }

  @Test
  void aGroupThatIsRemovedWhileItsCursorIsWrittenDoesNotComeBack() throws Exception {
    try (BufferedQueue queue = open(OPTIONS)) {
      queue.addGroup("a", true);
      push(queue, 1, 10);
      ReportConsumer consumer = queue.consumer("a");
      consumer.ack(consumer.poll(10, 1 << 20, WAIT).lastSequence());
      Awaitility.await().until(() -> storedCursor("a") == 10);
      push(queue, 11, 20);
      Gate gate = new Gate("saveCursors");
      consumer.ack(consumer.poll(10, 1 << 20, WAIT).lastSequence());
      await(gate.reached);
      CompletableFuture<Void> removal = CompletableFuture.runAsync(() -> queue.removeGroup("a"));
      gate.opened.countDown();
      removal.get(20, TimeUnit.SECONDS);
      assertThatThrownBy(() -> consumer.poll(1, 1, Duration.ZERO))
          .satisfies(thrown -> assertThat(reasonOf(thrown)).isEqualTo(Reason.CLOSED));
    }
    assertThat(storedCursor("a")).as("the cursor of the removed group").isEqualTo(-1);
  }

  @Test
  void aLateWriterNeverPutsACursorBack() throws Exception {
    try (BufferedQueue queue = open(OPTIONS)) {
      queue.addGroup("a", true);
      push(queue, 1, 10);
      Gate gate = new Gate("saveCursors");
      ReportConsumer old = queue.consumer("a");
      Thread late =
          new Thread(
              () -> {
                try {
                  old.poll(1, 1 << 20, WAIT);
                } catch (QueueException e) {
                  assertThat(e.reason()).isEqualTo(Reason.REPLACED);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      late.start(); // it waits with the cursor 0 in its hands
      await(gate.reached);
      ReportConsumer newer = queue.consumer("a");
      CompletableFuture<Void> acked =
          CompletableFuture.runAsync(
              () -> {
                try {
                  newer.ack(newer.poll(10, 1 << 20, WAIT).lastSequence());
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      gate.opened.countDown();
      acked.get(20, TimeUnit.SECONDS);
      late.join(WAIT);
      Awaitility.await().until(() -> storedCursor("a") == 10);
    }
    assertThat(storedCursor("a")).isEqualTo(10);
  }

  @Test
  void closingDoesNotWaitForAStorageThatDoesNotAnswerAndProducersLearnSo() throws Exception {
    BufferedQueue queue = open(OPTIONS.withCloseWait(Duration.ofMillis(50)));
    queue.addGroup("a", true);
    Gate gate = new Gate("append");
    CompletableFuture<Appended> hanging = queue.append(Reports.of(1), WAIT);
    await(gate.reached);
    CompletableFuture<Appended> waiting = queue.append(Reports.of(2), WAIT);
    ReportConsumer consumer = queue.consumer("a");
    queue.close();
    assertThatThrownBy(hanging::join)
        .cause()
        .satisfies(thrown -> assertThat(reasonOf(thrown)).isEqualTo(Reason.STORAGE_FAILED));
    assertThatThrownBy(waiting::join)
        .cause()
        .satisfies(thrown -> assertThat(reasonOf(thrown)).isEqualTo(Reason.CLOSED));
    assertThatThrownBy(() -> consumer.poll(1, 1, WAIT))
        .satisfies(thrown -> assertThat(reasonOf(thrown)).isEqualTo(Reason.CLOSED));
    assertThat(shelf.owned).as("not given away while a write is under way").isTrue();
    gate.opened.countDown();
    Awaitility.await().until(() -> !shelf.owned);
  }

  @Test
  void anErrorInTheStorageIsAnsweredAndTheQueueGoesOn() throws Exception {
    try (BufferedQueue queue = open(OPTIONS)) {
      AtomicInteger appends = new AtomicInteger();
      store.before(
          name -> {
            if (name.equals("append") && appends.getAndIncrement() == 0) {
              throw new OutOfMemoryError("as a test");
            }
          });
      assertThatThrownBy(() -> queue.append(Reports.of(1), WAIT).get(20, TimeUnit.SECONDS))
          .cause()
          .satisfies(thrown -> assertThat(reasonOf(thrown)).isEqualTo(Reason.STORAGE_FAILED));
      Awaitility.await()
          .ignoreExceptions()
          .until(() -> queue.append(Reports.of(1), WAIT).get(20, TimeUnit.SECONDS).first() == 1);
    }
  }

  @Test
  void consumersOfAQueueThatWasTakenOverGetNothingMore() throws Exception {
    try (BufferedQueue old = open(OPTIONS)) {
      old.addGroup("a", true);
      push(old, 1, 10);
      ReportConsumer consumer = old.consumer("a");
      try (BufferedQueue newer =
          BufferedQueue.open(new InMemoryReportStore(shelf, true), OPTIONS, Clock.systemUTC())) {
        Awaitility.await()
            .untilAsserted(
                () ->
                    assertThatThrownBy(() -> consumer.poll(1, 1, Duration.ZERO))
                        .isInstanceOfSatisfying(
                            QueueException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.FENCED)));
        assertThat(newer.consumer("a").poll(10, 1 << 20, WAIT).reports()).hasSize(10);
      }
    }
  }

  @Test
  void aDeadLetterIsReplayedOnceAtATime() throws Exception {
    try (BufferedQueue queue = open(OPTIONS)) {
      queue.addGroup("a", true);
      push(queue, 1, 1);
      long letter = deadLetterOf(queue);
      Gate gate = new Gate("append");
      CompletableFuture<Appended> first = queue.replay(letter, WAIT);
      await(gate.reached);
      assertThatThrownBy(() -> queue.replay(letter, WAIT))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("is being replayed");
      gate.opened.countDown();
      assertThat(first.get(20, TimeUnit.SECONDS).first()).isEqualTo(2);
      assertThatThrownBy(() -> queue.replay(letter, WAIT))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no dead letter");
    }
  }

  @Test
  void aReplayThatCannotRemoveItsLetterIsAReplayAllTheSame() throws Exception {
    try (BufferedQueue queue = open(OPTIONS)) {
      queue.addGroup("a", true);
      push(queue, 1, 1);
      long letter = deadLetterOf(queue);
      store.before(
          name -> {
            if (name.equals("removeDeadLetter")) {
              throw new QueueException(Reason.STORAGE_FAILED, "as a test");
            }
          });
      assertThat(queue.replay(letter, WAIT).get(20, TimeUnit.SECONDS).first()).isEqualTo(2);
      assertThat(queue.deadLetters(0, 10)).hasSize(1);
    }
  }

  private static long deadLetterOf(BufferedQueue queue) throws InterruptedException {
    ReportConsumer consumer = queue.consumer("a");
    for (int attempt = 0; attempt < 2; attempt++) {
      consumer.reject(consumer.poll(1, 1 << 20, WAIT).lastSequence(), "no");
    }
    assertThat(consumer.poll(1, 1, Duration.ofMillis(1)).isEmpty()).isTrue();
    Awaitility.await()
        .until(
            () ->
                consumer.poll(1, 1, Duration.ofMillis(1)).isEmpty()
                    && !queue.deadLetters(0, 1).isEmpty());
    return queue.deadLetters(0, 1).get(0).id();
  }

  @Test
  void aFullHeapOfDeadLettersHoldsTheGroupAndSaysSoNotInAHurry() throws Exception {
    QueueOptions one = OPTIONS.withRedelivery(1, Duration.ofMillis(200), 1);
    try (BufferedQueue queue = open(one)) {
      queue.addGroup("a", true);
      push(queue, 1, 2);
      ReportConsumer consumer = queue.consumer("a");
      consumer.reject(consumer.poll(1, 1 << 20, WAIT).lastSequence(), "no");
      consumer.reject(consumer.poll(1, 1 << 20, WAIT).lastSequence(), "no");
      long start = System.nanoTime();
      for (int refused = 0; refused < 2; refused++) {
        assertThatThrownBy(() -> consumer.poll(1, 1, WAIT))
            .satisfies(thrown -> assertThat(reasonOf(thrown)).isEqualTo(Reason.DEAD_LETTERS_FULL));
      }
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(200));
      assertThat(queue.discardDeadLetter(queue.deadLetters(0, 1).get(0).id())).isTrue();
      Awaitility.await()
          .until(
              () -> {
                consumer.poll(1, 1, Duration.ofMillis(1));
                return queue.view().groups().get(0).acked() == 2;
              });
    }
  }

  @Test
  void whatRetentionTakesWhileItIsReadIsPassedOver() throws Exception {
    shelf.cursors.put("a", new Cursor("a", 0, 0));
    shelf.last = 10;
    Reports.range(1, 10).forEach(report -> shelf.reports.put(report.sequence(), report));
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch gone = new CountDownLatch(1);
    AtomicBoolean discarded = new AtomicBoolean();
    store.before(
        name -> {
          switch (name) {
            case "horizon" -> await(reading);
            case "read" -> {
              reading.countDown();
              await(gone);
            }
            case "discard" -> discarded.set(true);
            case "tick" -> {
              if (discarded.get()) {
                gone.countDown();
              }
            }
            default -> {}
          }
        });
    try (BufferedQueue queue = open(OPTIONS.withRetention(Duration.ZERO, 1, true))) {
      ReportBatch batch = queue.consumer("a").poll(5, 1 << 20, WAIT);
      assertThat(Reports.sequences(batch.reports())).containsExactly(10L);
      assertThat(queue.view().groups().get(0).expired()).isEqualTo(9);
    }
  }

  @Test
  void whatFollowsAReportThatRetentionTookComesAgainWhenItIsRejected() throws Exception {
    store.open();
    store.append(Reports.range(1, 4));
    ConsumerGroup group =
        new ConsumerGroup(
            new Cursor("a", 0, 0),
            4,
            OPTIONS,
            store,
            Clock.systemUTC(),
            letter -> {},
            cursor -> {});
    long session = group.attach();
    assertThat(Reports.sequences(group.poll(session, 4, 1 << 20, 0).reports()))
        .containsExactly(1L, 2L, 3L, 4L);
    group.expireBefore(3);
    group.reject(session, 2, "its consumer could not");
    assertThat(Reports.sequences(group.poll(session, 4, 1 << 20, 0).reports()))
        .containsExactly(3L, 4L);
  }

  @Test
  void aClockThatIsSetForwardMakesNoReportOld() throws Exception {
    MovingClock clock = new MovingClock();
    QueueOptions options = OPTIONS.withRetention(Duration.ofHours(1), 1 << 30, false);
    try (BufferedQueue queue = BufferedQueue.open(store, options, clock)) {
      queue.addGroup("a", true);
      push(queue, 1, 10);
      clock.now.set(Instant.parse("2031-01-01T00:00:00Z"));
      AtomicInteger rounds = new AtomicInteger();
      store.before(
          name -> {
            if (name.equals("tick")) {
              rounds.incrementAndGet();
            }
          });
      Awaitility.await().until(() -> rounds.get() > 3);
      assertThat(queue.view().groups().get(0).expired()).isZero();
    }
    try (BufferedQueue queue = BufferedQueue.open(store, options, clock)) {
      push(queue, 11, 11);
      Awaitility.await().until(() -> queue.view().groups().get(0).expired() == 10);
    }
  }

  @Test
  void aJournalThatIsFullOfAcknowledgedReportsTakesMore() throws Exception {
    QueueOptions tiny = OPTIONS.withRetention(Duration.ZERO, 1, false);
    try (BufferedQueue queue = open(tiny)) {
      queue.addGroup("a", true);
      ReportConsumer consumer = queue.consumer("a");
      store.before(
          name -> {
            if (name.equals("discard")) {
              throw new QueueException(Reason.STORAGE_FAILED, "nothing can be freed");
            }
          });
      for (long number = 1; number <= 3; number++) {
        long next = number;
        Awaitility.await()
            .ignoreExceptionsInstanceOf(QueueException.class)
            .until(
                () -> {
                  push(queue, next, next);
                  return true;
                });
        consumer.ack(consumer.poll(1, 1 << 20, WAIT).lastSequence());
      }
      assertThat(consumer.acked()).isEqualTo(3);
    }
  }

  @Test
  void aReportThatEndsItsConsumerEachTimeBecomesADeadLetterAndThoseBeforeItPass() throws Exception {
    QueueOptions options = OPTIONS.withRedelivery(5, Duration.ofMillis(1), 3);
    List<Long> done = new ArrayList<>();
    int ends = 0;
    try (BufferedQueue queue = open(options)) {
      queue.addGroup("a", true);
      push(queue, 1, 20);
      while (done.size() < 19) {
        ReportConsumer consumer = queue.consumer("a");
        boolean ended = false;
        while (!ended && done.size() < 19) {
          ReportBatch batch = consumer.poll(8, 1 << 20, WAIT);
          for (QueuedReport report : batch.reports()) {
            if (report.sequence() == 11) {
              ended = true; // and what it had done of this batch was not acknowledged
            }
          }
          if (!ended) {
            batch.reports().forEach(report -> done.add(report.sequence()));
            consumer.ack(batch.lastSequence());
          }
        }
        if (ended) {
          ends++;
          consumer.abandon();
        } else {
          consumer.close();
        }
      }
      assertThat(queue.deadLetters(0, 10))
          .singleElement()
          .satisfies(
              letter -> {
                assertThat(letter.report().sequence()).isEqualTo(11);
                assertThat(letter.attempts()).isEqualTo(5);
              });
    }
    assertThat(done)
        .isEqualTo(LongStream.rangeClosed(1, 20).filter(each -> each != 11).boxed().toList());
    assertThat(ends).isLessThanOrEqualTo(10);
  }

  @Test
  void aConsumerThatLeavesInOrderIsNoAttempt() throws Exception {
    try (BufferedQueue queue = open(OPTIONS)) {
      queue.addGroup("a", true);
      push(queue, 1, 1);
      for (int i = 0; i < 10; i++) {
        try (ReportConsumer consumer = queue.consumer("a")) {
          assertThat(consumer.poll(1, 1 << 20, WAIT).attempt()).isEqualTo(1);
        }
      }
      assertThat(queue.deadLetters(0, 10)).isEmpty();
    }
  }

  @Test
  void aFullJournalIsSeenAndSoIsItsEnd() throws Exception {
    try (BufferedQueue queue = open(OPTIONS.withRetention(Duration.ZERO, 1, false))) {
      queue.addGroup("a", true);
      ReportConsumer consumer = queue.consumer("a");
      push(queue, 1, 1);
      Awaitility.await().until(() -> queue.view().failing() != null);
      assertThat(queue.view().failing()).contains("has reached its size of 1 bytes");
      assertThat(queue.ended()).as("it goes on").isNull();
      consumer.ack(consumer.poll(1, 1 << 20, WAIT).lastSequence());
      Awaitility.await().until(() -> queue.view().failing() == null);
      push(queue, 2, 2);
    }
  }

  @Test
  void aQueueThatWasClosedSaysSo() throws Exception {
    BufferedQueue queue = open(OPTIONS);
    assertThat(queue.ended()).isNull();
    queue.close();
    assertThat(queue.ended())
        .isNotNull()
        .extracting(QueueException::reason)
        .isEqualTo(Reason.CLOSED);
    assertThatThrownBy(() -> push(queue, 1, 1))
        .satisfies(thrown -> assertThat(reasonOf(thrown)).isEqualTo(Reason.CLOSED));
  }

  @Test
  void aGroupThatBeginsWithTheOldestReportFindsIt() throws Exception {
    try (BufferedQueue queue = open(OPTIONS)) {
      queue.addGroup("a", true);
      push(queue, 1, 100);
      Gate gate = new Gate("discard");
      ReportConsumer consumer = queue.consumer("a");
      consumer.ack(consumer.poll(50, 1 << 20, WAIT).lastSequence());
      await(gate.reached); // between the decision what goes and its going
      CompletableFuture<Void> added = CompletableFuture.runAsync(() -> queue.addGroup("b", true));
      gate.opened.countDown();
      added.get(20, TimeUnit.SECONDS);
      ReportBatch batch = queue.consumer("b").poll(10, 1 << 20, WAIT);
      assertThat(batch.reports()).isNotEmpty();
    }
  }

  @Test
  void aNameThatTheStorageCannotHoldIsRefusedBeforeItHarmsTheOthers() {
    try (BufferedQueue queue = open(OPTIONS)) {
      assertThatThrownBy(() -> queue.addGroup("n".repeat(201), true))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> queue.addGroup("", true))
          .isInstanceOf(IllegalArgumentException.class);
      queue.addGroup("n".repeat(200), true);
    }
  }

  @Test
  void aQueueThatCannotBeOpenedLeavesTheStorageToOthers() {
    shelf.cursors.put("a", new Cursor("a", 10, 0)); // of reports that are not there
    assertThatThrownBy(() -> open(OPTIONS)).isInstanceOf(IllegalArgumentException.class);
    assertThat(shelf.owned).isFalse();
  }

  private static final class MovingClock extends Clock {
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now.get();
    }
  }
}
