package org.plenum.report.queue.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plenum.report.queue.BufferedQueue;
import org.plenum.report.queue.Cursor;
import org.plenum.report.queue.DeadLetter;
import org.plenum.report.queue.QueueOptions;
import org.plenum.report.queue.ReportBatch;
import org.plenum.report.queue.ReportConsumer;
import org.plenum.report.queue.Reports;

/** A copy of a journal that is in use begins where a crash at that moment would. */
class JournalCopyTest {
  private static final Duration WAIT = Duration.ofSeconds(30);
  private static final JournalOptions OPTIONS = new JournalOptions("node", 64 << 10, Duration.ZERO);

  @TempDir private Path folder;

  private JournalStore store(String name) throws IOException {
    return new JournalStore(new FileSystemDisk(folder.resolve(name)), OPTIONS, Clock.systemUTC());
  }

  private static BufferedQueue open(JournalStore store) {
    return BufferedQueue.open(store, QueueOptions.defaults(), Clock.systemUTC());
  }

  private static long drain(BufferedQueue queue, long next) throws Exception {
    ReportConsumer consumer = queue.consumer("a");
    long expected = next;
    while (true) {
      ReportBatch batch = consumer.poll(100, 1 << 20, Duration.ofMillis(300));
      if (batch.reports().isEmpty()) {
        return expected - 1;
      }
      assertThat(batch.reports().getFirst().sequence()).isEqualTo(expected);
      expected = batch.lastSequence() + 1;
      consumer.ack(batch.lastSequence());
    }
  }

  @Test
  void holdsWhatWasAcknowledgedBeforeWhileReportsComeAndGo() throws Exception {
    AtomicLong appended = new AtomicLong();
    AtomicLong acked = new AtomicLong();
    AtomicBoolean stopped = new AtomicBoolean();
    record Copy(String name, long appendedBefore, long ackedAfter) {}
    List<Copy> copies = new ArrayList<>();
    JournalStore store = store("live");
    try (BufferedQueue queue = open(store);
        ExecutorService threads = Executors.newCachedThreadPool()) {
      queue.addGroup("a", true);
      Future<?> producer =
          threads.submit(
              () -> {
                while (!stopped.get()) {
                  queue
                      .append(Reports.sized(appended.get() + 1, 700), WAIT)
                      .get(30, TimeUnit.SECONDS);
                  appended.incrementAndGet();
                }
                return null;
              });
      Future<?> consuming =
          threads.submit(
              () -> {
                ReportConsumer consumer = queue.consumer("a");
                while (!stopped.get()) {
                  ReportBatch batch = consumer.poll(50, 1 << 20, Duration.ofMillis(50));
                  if (!batch.reports().isEmpty()) {
                    consumer.ack(batch.lastSequence());
                    acked.set(batch.lastSequence());
                  }
                }
                return null;
              });
      try {
        for (int i = 0; i < 6; i++) {
          while (appended.get() < (i + 1) * 60L && !producer.isDone()) {
            Thread.onSpinWait();
          }
          String name = "copy" + i;
          long before = appended.get();
          store.copyTo(new FileSystemDisk(folder.resolve(name)));
          copies.add(new Copy(name, before, acked.get()));
        }
      } finally {
        stopped.set(true);
      }
      producer.get(30, TimeUnit.SECONDS);
      consuming.get(30, TimeUnit.SECONDS);
      assertThat(store.view().first()).as("segments were let go of meanwhile").isGreaterThan(1);
    }
    for (Copy copy : copies) {
      try (BufferedQueue queue = open(store(copy.name()))) {
        long position = queue.view().groups().getFirst().acked();
        assertThat(position).as(copy.name()).isLessThanOrEqualTo(copy.ackedAfter());
        long last = drain(queue, position + 1);
        assertThat(last).as(copy.name()).isGreaterThanOrEqualTo(copy.appendedBefore());
        assertThat(queue.append(Reports.of(last + 1), WAIT).get(30, TimeUnit.SECONDS).first())
            .isEqualTo(last + 1);
      }
    }
  }

  @Test
  void ofAJournalThatNeverHeldAnythingBeginsAtOne() throws Exception {
    JournalStore empty = store("live");
    try (BufferedQueue queue = open(empty)) {
      queue.addGroup("a", true);
      empty.copyTo(new FileSystemDisk(folder.resolve("copy")));
      assertThat(queue.view().store().last()).isZero();
    }
    try (BufferedQueue queue = open(store("copy"))) {
      assertThat(queue.append(Reports.of(1), WAIT).get(30, TimeUnit.SECONDS).first()).isEqualTo(1);
      assertThat(drain(queue, 1)).isEqualTo(1);
    }
  }

  @Test
  void ofAJournalThatIsProcessedGoesOnWithItsNumbers() throws Exception {
    JournalStore store = store("live");
    try (BufferedQueue queue = open(store)) {
      queue.addGroup("a", true);
      for (int i = 1; i <= 5; i++) {
        queue.append(Reports.of(i), WAIT).get(30, TimeUnit.SECONDS);
      }
      drain(queue, 1);
      store.saveCursors(List.of(new Cursor("a", 5, 0)));
      store.copyTo(new FileSystemDisk(folder.resolve("copy")));
    }
    try (BufferedQueue queue = open(store("copy"))) {
      assertThat(queue.append(Reports.of(6), WAIT).get(30, TimeUnit.SECONDS).first()).isEqualTo(6);
      assertThat(drain(queue, 6)).isEqualTo(6);
    }
  }

  /** A replay appends the report again, then removes the letter: the copy has one of them. */
  @Test
  void holdsTheDeadLetterThatIsReplayedWhileSegmentsAreCopied() throws Exception {
    JournalStore store = store("live");
    QueueOptions options = QueueOptions.defaults();
    try (BufferedQueue queue = BufferedQueue.open(store, options, Clock.systemUTC())) {
      queue.addGroup("a", true);
      queue.append(Reports.of(1), WAIT).get(30, TimeUnit.SECONDS);
      long id =
          store.addDeadLetter(
              new DeadLetter(
                  0, "a", store.read(1, 1, 1 << 20).getFirst(), "refused", 3, Instant.EPOCH));
      store.saveCursors(List.of(new Cursor("a", 1, 0)));
      AtomicBoolean replayed = new AtomicBoolean();
      store.copyTo(
          new DiskWithoutLocks(folder.resolve("copy")) {
            @Override
            public DiskFile open(String name) throws IOException {
              DiskFile file = super.open(name);
              if (name.endsWith(".seg") && replayed.compareAndSet(false, true)) {
                replay(queue, id);
              }
              return file;
            }
          });
      assertThat(replayed).isTrue();
      assertThat(store.deadLetterCount()).isZero();
    }
    try (BufferedQueue queue = open(store("copy"))) {
      assertThat(queue.deadLetters(0, 10)).as("lost with its report").hasSize(1);
      assertThat(drain(queue, 2)).isEqualTo(1);
    }
  }

  private static void replay(BufferedQueue queue, long id) throws IOException {
    try {
      assertThat(queue.replay(id, WAIT).get(30, TimeUnit.SECONDS).first()).isEqualTo(2);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IOException("the replay failed", e);
    }
  }

  @Test
  void holdsTheDeadLetters() throws Exception {
    JournalStore store = store("live");
    QueueOptions options = QueueOptions.defaults();
    try (BufferedQueue queue = BufferedQueue.open(store, options, Clock.systemUTC())) {
      queue.addGroup("a", true);
      queue.append(Reports.of(1), WAIT).get(30, TimeUnit.SECONDS);
      queue.append(Reports.of(2), WAIT).get(30, TimeUnit.SECONDS);
      store.addDeadLetter(
          new DeadLetter(
              0, "a", store.read(1, 1, 1 << 20).getFirst(), "refused", 3, Instant.EPOCH));
      store.copyTo(new FileSystemDisk(folder.resolve("copy")));
    }
    try (BufferedQueue queue = open(store("copy"))) {
      assertThat(queue.deadLetters(0, 10))
          .singleElement()
          .satisfies(letter -> assertThat(letter.reason()).isEqualTo("refused"));
      assertThat(drain(queue, 1)).isEqualTo(2);
    }
  }
}
