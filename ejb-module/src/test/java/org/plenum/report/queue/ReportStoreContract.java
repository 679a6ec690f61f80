package org.plenum.report.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.plenum.report.queue.QueueException.Reason;

/**
 * What every storage of a queue keeps to. Each test has a storage of its own; stores that are made
 * in it are owners of that, one after the other.
 */
public abstract class ReportStoreContract {
  private final List<ReportStore> opened = new ArrayList<>();

  /** One that nobody may take over. */
  protected abstract ReportStore store() throws Exception;

  /** One that others may take over at any moment, and that takes over from such. */
  protected abstract ReportStore weakStore() throws Exception;

  /** Takes the storage of the test away, when all its owners are gone. */
  protected void dropStorage() throws Exception {}

  @AfterEach
  void closeAllAndDrop() throws Exception {
    closeAll();
    dropStorage();
  }

  private void closeAll() {
    opened.forEach(ReportStore::close);
  }

  private ReportStore opened() throws Exception {
    ReportStore store = store();
    store.open();
    opened.add(store);
    return store;
  }

  private ReportStore reopened() throws Exception {
    closeAll();
    opened.clear();
    return opened();
  }

  private ReportStore takingOver() {
    List<ReportStore> taken = new ArrayList<>();
    Awaitility.await()
        .ignoreExceptionsInstanceOf(QueueException.class)
        .until(
            () -> {
              ReportStore store = weakStore();
              store.open();
              taken.add(store);
              return true;
            });
    opened.add(taken.get(0));
    return taken.get(0);
  }

  private static void append(ReportStore store, long first, long last) {
    store.append(Reports.range(first, last));
  }

  private static void assertSame(QueuedReport found, QueuedReport expected) {
    assertThat(found.sequence()).isEqualTo(expected.sequence());
    assertThat(found.appendedAt()).isEqualTo(expected.appendedAt());
    assertThat(found.report().source()).isEqualTo(expected.report().source());
    assertThat(found.report().key()).isEqualTo(expected.report().key());
    assertThat(found.report().payload()).isEqualTo(expected.report().payload());
  }

  private static void assertHolds(ReportStore store, long first, long last) {
    for (long next = first; next <= last; ) {
      for (QueuedReport report : store.read(next, 500, 1 << 20)) {
        assertSame(report, Reports.queued(next++));
      }
    }
  }

  private static DeadLetter letter(long sequence, String group) {
    return new DeadLetter(
        0, group, Reports.queued(sequence), "no: \u00fc", 3, Instant.ofEpochMilli(77));
  }

  private static void assertReason(Runnable work, Reason reason) {
    assertThatThrownBy(work::run)
        .isInstanceOfSatisfying(
            QueueException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  @Test
  void aNewStorageIsEmpty() throws Exception {
    ReportStore store = store();
    ReportStore.Contents found = store.open();
    opened.add(store);
    assertThat(found).isEqualTo(new ReportStore.Contents(1, 0, List.of()));
    assertThat(store.deadLetterCount()).isZero();
    assertThat(store.view().epoch()).isEqualTo(1);
    assertReason(() -> store.read(1, 1, 1), Reason.STORAGE_FAILED);
  }

  @Test
  void whatIsAppendedComesBackAsItWasBeforeAndAfterARestart() throws Exception {
    byte[] large = new byte[300_000];
    new Random(1).nextBytes(large);
    String longest = "\u00e9".repeat(Report.MAX_NAME_BYTES / 2);
    List<QueuedReport> reports =
        List.of(
            new QueuedReport(1, 5, new Report("", "", new byte[0])),
            new QueuedReport(
                2, 6, new Report("\u20ac \ud83d\ude00 '\\", "key", new byte[] {0, -1})),
            new QueuedReport(3, Long.MAX_VALUE / 4, new Report(longest, longest, large)));
    ReportStore store = opened();
    store.append(reports);
    for (int life = 0; life < 2; life++) {
      List<QueuedReport> found = new ArrayList<>();
      while (found.size() < 3) {
        found.addAll(store.read(found.size() + 1, 10, 1 << 30));
      }
      for (int i = 0; i < 3; i++) {
        assertSame(found.get(i), reports.get(i));
      }
      store = reopened();
    }
    assertThat(store.view().last()).isEqualTo(3);
  }

  @Test
  void aReadEndsAtItsCountAndItsWeightAndGivesOneAtLeast() throws Exception {
    ReportStore store = opened();
    append(store, 1, 50);
    append(store, 51, 100);
    long weight = Reports.of(30).weight();
    assertThat(Reports.sequences(store.read(30, 3, 1 << 20))).containsExactly(30L, 31L, 32L);
    assertThat(Reports.sequences(store.read(30, 10, 2 * weight))).containsExactly(30L, 31L);
    assertThat(Reports.sequences(store.read(30, 10, 1))).containsExactly(30L);
    assertThat(Reports.sequences(store.read(100, 10, 1 << 20))).containsExactly(100L);
    assertReason(() -> store.read(101, 1, 1), Reason.STORAGE_FAILED);
  }

  @Test
  void sequencesFollowEachOther() throws Exception {
    ReportStore store = opened();
    append(store, 1, 10);
    assertThatThrownBy(() -> append(store, 12, 12)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> append(store, 10, 11)).isInstanceOf(IllegalStateException.class);
    append(store, 11, 11);
    assertHolds(store, 1, 11);
  }

  @Test
  void eachOwnerHasAHigherEpochAndGoesOnWhereTheLastOneEnded() throws Exception {
    for (long life = 1; life <= 4; life++) {
      ReportStore store = reopened();
      assertThat(store.view().epoch()).isEqualTo(life);
      append(store, life * 10 - 9, life * 10);
      assertHolds(store, 1, life * 10);
    }
  }

  @Test
  void cursorsAreKeptAsTheyWereSavedLast() throws Exception {
    ReportStore store = opened();
    append(store, 1, 30);
    store.saveCursors(List.of(new Cursor("a", 1, 2), new Cursor("\u00fc", 3, 0)));
    store.saveCursors(List.of(new Cursor("a", 20, 1), new Cursor("c", 5, 0)));
    store.removeCursor("c");
    store.removeCursor("nobody");
    store.close();
    opened.clear();
    ReportStore next = store();
    assertThat(next.open().cursors())
        .containsExactlyInAnyOrder(new Cursor("a", 20, 1), new Cursor("\u00fc", 3, 0));
    opened.add(next);
  }

  @Test
  void whatIsGivenUpGoesWhatIsNotStays() throws Exception {
    ReportStore store = opened();
    for (long batch = 0; batch < 200; batch++) {
      append(store, batch * 10 + 1, batch * 10 + 10);
    }
    long bytes = store.view().bytes();
    store.discard(1_501);
    long first = store.view().first();
    assertThat(first).isBetween(1_000L, 1_501L);
    assertThat(store.view().bytes()).isLessThan(bytes);
    assertHolds(store, first, 2_000);
    assertReason(() -> store.read(1, 1, 1), Reason.STORAGE_FAILED);
    store.discard(700);
    assertThat(store.view().first()).isEqualTo(first);
    store.close();
    opened.clear();
    ReportStore next = store();
    ReportStore.Contents found = next.open();
    opened.add(next);
    assertThat(found.first()).isEqualTo(first);
    assertThat(found.last()).isEqualTo(2_000);
    assertHolds(next, first, 2_000);
  }

  @Test
  void aStorageThatWasGivenUpAsAWholeStillKnowsItsLastSequence() throws Exception {
    ReportStore store = opened();
    append(store, 1, 500);
    store.discard(501);
    store = reopened();
    assertThat(store.view().last()).isEqualTo(500);
    append(store, 501, 501);
    assertHolds(store, 501, 501);
  }

  @Test
  void theHorizonKeepsWhatIsYoungAndWhatFits() throws Exception {
    ReportStore store = opened();
    for (long batch = 0; batch < 200; batch++) {
      append(store, batch * 10 + 1, batch * 10 + 10);
    }
    assertThat(store.horizon(Instant.MIN, Long.MAX_VALUE)).isEqualTo(1);
    long young = store.horizon(Instant.ofEpochMilli(1_000 + 1_500), Long.MAX_VALUE);
    assertThat(young).as("reports from 1,500 on are young").isBetween(1_000L, 1_500L);
    long fitting = store.horizon(Instant.MIN, store.view().bytes() / 2);
    assertThat(fitting).isBetween(500L, 1_999L);
    store.discard(fitting);
    assertThat(store.view().bytes()).isLessThanOrEqualTo(store.view().bytes());
    assertHolds(store, fitting, 2_000);
  }

  @Test
  void thereIsOneDeadLetterOfAGroupAndSequence() throws Exception {
    ReportStore store = opened();
    long first = store.addDeadLetter(letter(5, "a"));
    long second = store.addDeadLetter(letter(5, "b"));
    assertThat(store.addDeadLetter(letter(5, "a"))).isEqualTo(first);
    assertThat(second).isGreaterThan(first);
    assertThat(store.deadLetterCount()).isEqualTo(2);
    store = reopened();
    assertThat(store.addDeadLetter(letter(5, "b"))).isEqualTo(second);
    assertThat(store.deadLetterCount()).isEqualTo(2);
    List<DeadLetter> found = store.deadLetters(0, 10);
    assertThat(found).extracting(DeadLetter::id).containsExactly(first, second);
    assertThat(found.get(0).reason()).isEqualTo("no: \u00fc");
    assertThat(found.get(0).attempts()).isEqualTo(3);
    assertThat(found.get(0).at()).isEqualTo(Instant.ofEpochMilli(77));
    assertSame(found.get(1).report(), Reports.queued(5));
  }

  @Test
  void deadLettersComeInPagesAndTheirNumbersNeverAgain() throws Exception {
    ReportStore store = opened();
    List<Long> ids = new ArrayList<>();
    for (long sequence = 1; sequence <= 5; sequence++) {
      ids.add(store.addDeadLetter(letter(sequence, "a")));
    }
    assertThat(store.deadLetters(ids.get(1), 2))
        .extracting(DeadLetter::id)
        .containsExactly(ids.get(2), ids.get(3));
    assertThat(store.removeDeadLetter(ids.get(4))).isTrue();
    assertThat(store.removeDeadLetter(ids.get(4))).isFalse();
    store = reopened();
    assertThat(store.deadLetterCount()).isEqualTo(4);
    assertThat(store.addDeadLetter(letter(6, "a"))).isGreaterThan(ids.get(4));
    assertThat(store.deadLetters(0, 100)).hasSize(5);
  }

  @Test
  void aSecondOwnerIsRefusedByNameUntilTheFirstOneIsGone() throws Exception {
    ReportStore store = opened();
    append(store, 1, 1);
    ReportStore second = store();
    assertReason(second::open, Reason.IN_USE);
    append(store, 2, 2);
    assertHolds(reopened(), 1, 2);
  }

  @Test
  void anOwnerThatWasTakenOverFromChangesNothing() throws Exception {
    ReportStore old = takingOver();
    append(old, 1, 10);
    old.saveCursors(List.of(new Cursor("a", 3, 0)));
    long kept = old.addDeadLetter(letter(1, "a"));
    ReportStore newer = takingOver();
    assertReason(() -> append(old, 11, 12), Reason.FENCED);
    quietly(() -> old.saveCursors(List.of(new Cursor("a", 9, 0))));
    quietly(() -> old.removeCursor("a"));
    assertReason(() -> old.addDeadLetter(letter(2, "a")), Reason.FENCED);
    assertReason(() -> old.removeDeadLetter(kept), Reason.FENCED);
    old.close();
    append(newer, 11, 11);
    newer.close();
    ReportStore third = weakStore();
    ReportStore.Contents found = third.open();
    opened.add(third);
    assertThat(found.last()).isEqualTo(11);
    assertThat(found.cursors()).containsExactly(new Cursor("a", 3, 0));
    assertHolds(third, 1, 11);
    assertThat(third.deadLetters(0, 10)).extracting(DeadLetter::id).containsExactly(kept);
  }

  private static void quietly(Runnable work) {
    try {
      work.run();
    } catch (QueueException e) {
      assertThat(e.reason()).isEqualTo(Reason.FENCED);
    }
  }

  @Test
  void othersReadWhileTheOwnerAppendsAndGivesUp() throws Exception {
    ReportStore store = opened();
    append(store, 1, 10);
    AtomicBoolean stop = new AtomicBoolean();
    CompletableFuture<Long> reader = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                reader.complete(readOn(store, stop));
              } catch (Throwable e) {
                reader.completeExceptionally(e);
              }
            });
    thread.start();
    for (long batch = 1; batch < 150; batch++) {
      append(store, batch * 10 + 1, batch * 10 + 10);
      store.discard(batch * 10 - 200);
    }
    stop.set(true);
    assertThat(reader.get(30, TimeUnit.SECONDS)).isGreaterThan(10);
  }

  private static long readOn(ReportStore store, AtomicBoolean stop) {
    long next = 1;
    long reads = 0;
    while (!stop.get() || reads <= 10) {
      next = Math.max(next, store.view().last() - 50);
      try {
        for (QueuedReport report : store.read(next, 20, 1 << 20)) {
          assertSame(report, Reports.queued(next++));
        }
        reads++;
      } catch (QueueException e) {
        assertThat(next).as("read while it is kept").isLessThan(store.view().first());
      }
      next = Math.min(next, store.view().last());
    }
    return reads;
  }

  @Test
  void theQueueOnItDeliversInOrderFromMemoryAndFromStorage() throws Exception {
    QueueOptions options = QueueOptions.defaults().withSecond(20, 1 << 20);
    long last = 2_000;
    try (BufferedQueue queue = BufferedQueue.open(store(), options, Clock.systemUTC())) {
      queue.addGroup("a", true);
      ReportConsumer consumer = queue.consumer("a");
      long expected = 1;
      for (long first = 1; first <= last; first += 100) {
        queue
            .append(
                Reports.range(first, first + 99).stream().map(QueuedReport::report).toList(),
                Duration.ofSeconds(20))
            .get(20, TimeUnit.SECONDS);
        expected = consume(consumer, expected, 50);
      }
      while (expected <= last) {
        expected = consume(consumer, expected, 500);
      }
      assertThat(queue.view().groups().get(0).buffer().readFromStorage()).isPositive();
    }
  }

  private static long consume(ReportConsumer consumer, long expected, int most) throws Exception {
    long next = expected;
    ReportBatch batch = consumer.poll(most, 1 << 20, Duration.ofSeconds(20));
    for (QueuedReport report : batch.reports()) {
      assertThat(report.sequence()).isEqualTo(next);
      assertThat(report.report().payload()).isEqualTo(Reports.of(next++).payload());
    }
    consumer.ack(next - 1);
    return next;
  }
}
