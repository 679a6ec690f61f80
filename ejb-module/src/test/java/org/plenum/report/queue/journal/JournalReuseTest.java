package org.plenum.report.queue.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.QueuedReport;
import org.plenum.report.queue.ReportStore;
import org.plenum.report.queue.Reports;

/**
 * Files of the journal are written again when all groups are done with them; what an earlier life
 * left in them harms nobody, and neither does a disk that fails in between.
 */
class JournalReuseTest {
  private static final int SEGMENT = 64 << 10;

  @TempDir private Path folder;
  private MeddledDisk disk;
  private long last;

  @BeforeEach
  void makeDisk() throws IOException {
    disk = new MeddledDisk(new FileSystemDisk(folder));
  }

  private JournalStore store(int segmentBytes) {
    return new JournalStore(
        disk,
        new JournalOptions("node", segmentBytes, Duration.ZERO),
        Clock.systemUTC(),
        step -> {},
        false);
  }

  /** Appends batches until a new segment has begun, and its first batch is durable. */
  private void fillSegment(JournalStore store) {
    int before = store.view().files();
    do {
      append(store, 20, 400);
    } while (store.view().files() == before);
  }

  private void append(JournalStore store, int count, int size) {
    List<QueuedReport> batch = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      batch.add(new QueuedReport(last + i, 1_000, Reports.sized(last + i, size)));
    }
    store.append(batch);
    last += count;
  }

  private void allIsThere(int segmentBytes) {
    try (JournalStore store = store(segmentBytes)) {
      ReportStore.Contents found = store.open();
      assertThat(found.last()).isEqualTo(last);
      long next = found.first();
      while (next <= last) {
        for (QueuedReport report : store.read(next, 1_000, 1 << 20)) {
          assertThat(report.sequence()).isEqualTo(next);
          assertThat(report.report().key()).isEqualTo("key-" + next);
          next++;
        }
      }
    }
  }

  @Test
  void aQueueThatKeepsUpWritesTheSameFilesAgain() {
    try (JournalStore store = store(SEGMENT)) {
      store.open();
      for (int i = 0; i < 40; i++) {
        fillSegment(store);
        store.discard(last + 1);
      }
      assertThat(disk.made).hasValueLessThanOrEqualTo(4);
    }
    allIsThere(SEGMENT);
  }

  @Test
  void aSegmentThatFailedIsNeverWrittenAgain() throws IOException {
    try (JournalStore store = store(SEGMENT)) {
      store.open();
      append(store, 20, 400);
      disk.failingForce = name -> true;
      assertThatThrownBy(() -> append(store, 20, 400)).isInstanceOf(QueueException.class);
      disk.failingForce = name -> false;
      List<String> failed = disk.list().stream().filter(Segment::isName).toList();
      append(store, 20, 400);
      store.discard(last + 1);
      assertThat(disk.list()).doesNotContainAnyElementsOf(failed);
      assertThat(disk.list()).noneMatch(name -> name.startsWith("spare"));
    }
    allIsThere(SEGMENT);
  }

  @Test
  void aSegmentThatCannotBeUsedAgainIsDeletedAndTriedAgain() throws IOException {
    try (JournalStore store = store(SEGMENT)) {
      store.open();
      fillSegment(store);
      fillSegment(store);
      disk.failingRename = Segment::isName;
      store.discard(last + 1); // they are deleted instead
      disk.failingRename = name -> false;
      assertThat(disk.list().stream().filter(Segment::isName)).hasSize(1);
      fillSegment(store);
      disk.failingRename = Segment::isName;
      disk.failingDelete = Segment::isName;
      assertThatThrownBy(() -> store.discard(last + 1)).isInstanceOf(QueueException.class);
      disk.failingRename = name -> false;
      disk.failingDelete = name -> false;
      fillSegment(store);
      store.discard(last + 1);
      assertThat(disk.list().stream().filter(Segment::isName)).hasSize(1);
    }
    allIsThere(SEGMENT);
  }

  @Test
  void aSegmentWhoseNewNameIsNotDurableIsNoSpare() throws IOException {
    try (JournalStore store = store(SEGMENT)) {
      store.open();
      fillSegment(store);
      disk.failingNames = true;
      store.discard(last + 1);
      disk.failingNames = false;
      assertThat(disk.list()).noneMatch(name -> name.startsWith("spare"));
      assertThat(disk.list().stream().filter(Segment::isName)).hasSize(1);
      fillSegment(store);
    }
    allIsThere(SEGMENT);
  }

  @Test
  void aSegmentThatCouldNotBeginLeavesNothingThatARecoveryMeets() throws IOException {
    try (JournalStore store = store(SEGMENT)) {
      store.open();
      fillSegment(store);
      disk.failingNames = true;
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> fillSegment(store)).isInstanceOf(QueueException.class);
        assertThat(disk.list().size()).as("what a failed begin leaves").isLessThan(12);
      }
      disk.failingNames = false;
      fillSegment(store);
      fillSegment(store);
      store.discard(last + 1);
      fillSegment(store);
    }
    allIsThere(SEGMENT);
  }

  /** Read at a wrong offset the records of an earlier life claim any sequence and any length. */
  @Test
  void anEarlierLifeCostsARecoveryLittle() {
    int size = 4 << 20;
    for (int more : List.of(0, 100, 300)) {
      disk.read.set(0);
      try (JournalStore store = store(size)) {
        store.open();
        for (int i = 0; i < 3; i++) {
          int before = store.view().files();
          do {
            append(store, 200, more);
          } while (store.view().files() == before);
          store.discard(last + 1);
        }
      }
      disk.read.set(0);
      allIsThere(size);
      assertThat(disk.read).as("bytes read").hasValueLessThan(4L * size);
    }
  }
}
