package org.plenum.report.queue.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.plenum.report.queue.Cursor;
import org.plenum.report.queue.DeadLetter;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.QueueException.Reason;
import org.plenum.report.queue.QueuedReport;
import org.plenum.report.queue.ReportStore;
import org.plenum.report.queue.Reports;

/**
 * Storage that several nodes mount and whose locks do not work: an owner stops at any step, another
 * takes over, and the first one wakes up and goes on with what it was doing.
 */
class JournalTakeoverTest {
  private static final int SEGMENT = 4_096;

  private static final Reason MISSED_ITS_FILE = Reason.STORAGE_FAILED;

  /** A thread each: the common pool may have one only. */
  private static final Executor THREADS = task -> Thread.ofPlatform().daemon().start(task);

  private final SimulatedDisk disk = new SimulatedDisk();

  @BeforeEach
  void storageWithoutLocks() {
    disk.withoutLocks();
  }

  private JournalStore store(Consumer<Step> steps) {
    return store(steps, Duration.ZERO);
  }

  private JournalStore store(Consumer<Step> steps, Duration lease) {
    JournalOptions options = new JournalOptions("node", SEGMENT, lease);
    return new JournalStore(disk, options, Clock.systemUTC(), steps, false);
  }

  private static void append(ReportStore store, long first, long last) {
    store.append(Reports.range(first, last));
  }

  private static void fill(ReportStore store, long first, long last) {
    for (long sequence = first; sequence <= last; sequence++) {
      append(store, sequence, sequence);
    }
  }

  private static void assertHolds(ReportStore store, long first, long last) {
    for (long next = first; next <= last; ) {
      List<QueuedReport> read = store.read(next, 100, 1 << 20);
      for (QueuedReport report : read) {
        assertThat(report.sequence()).isEqualTo(next);
        assertThat(report.report().payload()).isEqualTo(Reports.of(next).payload());
        next++;
      }
    }
  }

  private static Reason reasonOf(Throwable thrown) {
    return ((QueueException) thrown).reason();
  }

  /** Stops the first owner at the step, has a second one work, and lets the first one go on. */
  private void takeOverAt(Step step, Consumer<JournalStore> firstDoes) throws Exception {
    CountDownLatch stopped = new CountDownLatch(1);
    CountDownLatch wakes = new CountDownLatch(1);
    AtomicReference<Step> waitAt = new AtomicReference<>();
    JournalStore old =
        store(
            at -> {
              if (waitAt.compareAndSet(at, null)) {
                stopped.countDown();
                await(wakes);
              }
            });
    old.open();
    fill(old, 1, 100);
    old.saveCursors(List.of(new Cursor("group", 80, 0)));
    waitAt.set(step);
    CompletableFuture<Void> late = CompletableFuture.runAsync(() -> firstDoes.accept(old), THREADS);
    await(stopped);
    try (JournalStore newer = store(at -> {})) {
      long last = newer.open().last();
      assertThat(last).isGreaterThanOrEqualTo(100);
      fill(newer, last + 1, last + 100);
      newer.saveCursors(List.of(new Cursor("group", 90, 0)));
      newer.discard(91);
      wakes.countDown();
      assertThatThrownBy(() -> late.get(20, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .satisfies(thrown -> assertThat(reasonOf(thrown)).isIn(Reason.FENCED, MISSED_ITS_FILE));
      assertThatThrownBy(() -> append(old, old.view().last() + 1, old.view().last() + 1))
          .satisfies(thrown -> assertThat(reasonOf(thrown)).isEqualTo(Reason.FENCED));
      fill(newer, last + 101, last + 200);
      assertHolds(newer, newer.view().first(), last + 200);
    }
    try (JournalStore third = store(at -> {})) {
      ReportStore.Contents found = third.open();
      assertThat(found.last()).isGreaterThanOrEqualTo(300);
      assertThat(found.cursors()).containsExactly(new Cursor("group", 90, 0));
      assertHolds(third, found.first(), found.last());
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void anOwnerThatWakesUpBeforeItNamesASegmentHarmsNothing() throws Exception {
    takeOverAt(Step.SEGMENT_FILLED, old -> fill(old, 101, 200));
  }

  @Test
  void anOwnerThatWakesUpAfterItNamedASegmentHarmsNothing() throws Exception {
    takeOverAt(Step.SEGMENT_NAMED, old -> fill(old, 101, 200));
  }

  @Test
  void anOwnerThatWakesUpInTheMiddleOfABatchAcknowledgesNothing() throws Exception {
    takeOverAt(Step.BATCH_WRITTEN, old -> append(old, 101, 105));
  }

  @Test
  void anOwnerThatWakesUpAfterItsFsyncAcknowledgesNothing() throws Exception {
    takeOverAt(Step.BATCH_FORCED, old -> append(old, 101, 105));
  }

  @Test
  void anOwnerThatWakesUpWhileItGivesStorageUpHarmsNothing() throws Exception {
    takeOverAt(
        Step.SEGMENT_DISCARDED,
        old -> {
          old.discard(81);
          append(old, 101, 101);
        });
  }

  @Test
  void anOwnerThatWakesUpInTheMiddleOfADeadLetterLearnsThatItIsNone() throws Exception {
    takeOverAt(
        Step.DEAD_LETTER_WRITTEN,
        old ->
            old.addDeadLetter(
                new DeadLetter(0, "group", Reports.queued(81), "no", 3, Instant.EPOCH)));
  }

  /**
   * The late write of an owner that lost goes to a file that it made: nobody may use that again.
   */
  @Test
  void aFileThatAnEarlierOwnerMadeIsNeverUsedAgain() {
    JournalStore old = store(step -> {});
    old.open();
    fill(old, 1, 200);
    try (JournalStore newer = store(step -> {})) {
      newer.open();
      newer.saveCursors(List.of(new Cursor("group", 200, 0)));
      newer.discard(201);
      assertThat(disk.list()).noneMatch(name -> name.startsWith("spare"));
    }
  }

  @RepeatedTest(20)
  void ofTwoThatTakeOverAtOnceOneAtMostAcknowledges() throws Exception {
    try (JournalStore first = store(step -> {})) {
      first.open();
      append(first, 1, 1);
    }
    CyclicBarrier start = new CyclicBarrier(2);
    List<CompletableFuture<Boolean>> takers = List.of(taker(start), taker(start));
    int winners = 0;
    for (CompletableFuture<Boolean> taker : takers) {
      winners += taker.get(20, TimeUnit.SECONDS) ? 1 : 0;
    }
    try (JournalStore last = store(step -> {})) {
      long found = last.open().last();
      assertThat(found).isGreaterThanOrEqualTo(winners > 0 ? 2 : 1);
      assertHolds(last, 1, found);
    }
  }

  private CompletableFuture<Boolean> taker(CyclicBarrier start) {
    return CompletableFuture.supplyAsync(
        () -> {
          JournalStore store = store(step -> {});
          try {
            start.await(20, TimeUnit.SECONDS);
            long last = store.open().last();
            append(store, last + 1, last + 1);
            return true;
          } catch (QueueException e) {
            assertThat(e.reason()).isIn(Reason.FENCED, Reason.IN_USE, Reason.STORAGE_FAILED);
            return false;
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        },
        THREADS);
  }

  @Test
  void aJournalWhoseOwnerFileWasDeletedGoesOnWithItsEpochs() throws Exception {
    for (int life = 0; life < 3; life++) {
      try (JournalStore store = store(step -> {})) {
        long last = store.open().last();
        fill(store, last + 1, last + 50);
      }
    }
    disk.delete("owner");
    try (JournalStore store = store(step -> {})) {
      assertThat(store.open().last()).isEqualTo(150);
      assertThat(store.view().epoch()).isEqualTo(4);
      fill(store, 151, 200);
    }
    try (JournalStore store = store(step -> {})) {
      assertThat(store.open().last()).isEqualTo(200);
      assertHolds(store, 1, 200);
    }
  }

  @Test
  void aDamagedOwnerFileIsRefusedAndTheLockGivenBack() throws Exception {
    SimulatedDisk locked = new SimulatedDisk();
    try (JournalDisk.DiskFile file = locked.open("owner")) {
      file.write(ByteBuffer.allocate(256).putInt(7).clear(), 0);
    }
    JournalOptions options = new JournalOptions("node", SEGMENT, Duration.ZERO);
    for (int attempt = 0; attempt < 2; attempt++) {
      JournalStore store = new JournalStore(locked, options, Clock.systemUTC(), step -> {}, false);
      assertThatThrownBy(store::open)
          .satisfies(thrown -> assertThat(reasonOf(thrown)).isEqualTo(Reason.DAMAGED))
          .hasMessageContaining("delete it");
    }
  }

  @Test
  void anOwnerThatStillBeatsIsLeftAlone() {
    Duration lease = Duration.ofMillis(200);
    JournalStore old = store(step -> {}, lease);
    old.open();
    CompletableFuture<Throwable> taker =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                store(step -> {}, lease).open();
                return new AssertionError("taken over");
              } catch (QueueException e) {
                return e;
              }
            },
            THREADS);
    while (!taker.isDone()) {
      old.tick();
      Thread.onSpinWait();
    }
    assertThat(reasonOf(taker.join())).isEqualTo(Reason.IN_USE);
    try (JournalStore later = store(step -> {}, lease)) {
      later.open(); // it does not beat any more
      assertThatThrownBy(() -> append(old, 1, 1))
          .satisfies(thrown -> assertThat(reasonOf(thrown)).isEqualTo(Reason.FENCED));
    }
  }

  @Test
  void anOwnerBeatsWhileItRecovers() throws Exception {
    try (JournalStore store = store(step -> {})) {
      store.open();
      fill(store, 1, 500);
    }
    long before = disk.renames();
    try (JournalStore store = store(step -> {}, Duration.ofNanos(4))) {
      store.open();
      assertThat(disk.renames() - before).as("beats of the owner file").isGreaterThan(5);
    }
  }
}
