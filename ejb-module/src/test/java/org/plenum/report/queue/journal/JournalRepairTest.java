package org.plenum.report.queue.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plenum.report.queue.Cursor;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.QueueException.Reason;
import org.plenum.report.queue.QueuedReport;
import org.plenum.report.queue.Reports;

/** A journal that is refused, repaired, and goes on with all that could be read. */
class JournalRepairTest {
  private static final long LAST = 300;

  @TempDir private Path folder;

  private JournalStore store() throws IOException {
    JournalOptions options = new JournalOptions("node", 8_192, Duration.ZERO);
    return new JournalStore(
        new FileSystemDisk(folder), options, Clock.systemUTC(), step -> {}, false);
  }

  @BeforeEach
  void threeHundredReports() throws IOException {
    try (JournalStore store = store()) {
      store.open();
      for (long sequence = 1; sequence <= LAST; sequence += 5) {
        store.append(Reports.range(sequence, sequence + 4));
      }
      store.saveCursors(List.of(new Cursor("a", 250, 0)));
    }
  }

  private List<Path> segments() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> Segment.isName(file.getFileName().toString())).sorted().toList();
    }
  }

  private String repair(boolean apply, boolean sound) throws IOException {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8)) {
      assertThat(JournalRepair.run(new FileSystemDisk(folder), out, apply)).isEqualTo(sound);
    }
    return said.toString(StandardCharsets.UTF_8);
  }

  private void assertRefused() throws IOException {
    JournalStore refused = store();
    assertThatThrownBy(refused::open)
        .isInstanceOfSatisfying(
            QueueException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DAMAGED))
        .hasMessageContaining("JournalRepair");
  }

  /** The sequences that only stand for lost reports; all others are as they were. */
  private List<Long> lostOnes(long last) throws IOException {
    List<Long> lost = new ArrayList<>();
    try (JournalStore store = store()) {
      assertThat(store.open().last()).isEqualTo(last);
      long next = store.view().first();
      while (next <= last) {
        for (QueuedReport report : store.read(next, 50, 1 << 20)) {
          assertThat(report.sequence()).isEqualTo(next);
          if (report.report().isLost()) {
            lost.add(next);
          } else {
            assertThat(report.report().payload()).isEqualTo(Reports.of(next).payload());
          }
          next++;
        }
      }
      store.append(List.of(Reports.queued(last + 1)));
    }
    return lost;
  }

  @Test
  void aSoundJournalIsLeftAlone() throws IOException {
    assertThat(repair(true, true)).contains("last report 300; 0 damaged, 0 reports lost");
    assertThat(lostOnes(LAST)).isEmpty();
  }

  @Test
  void flippedBytesInTheMiddleCostTheirReportsAndNoOther() throws IOException {
    Path second = segments().get(1);
    byte[] content = Files.readAllBytes(second);
    content[Segment.HEADER + 10] ^= 1;
    content[4_000] ^= 1;
    Files.write(second, content);
    assertRefused();
    assertThat(repair(false, false)).contains("2 reports lost").contains("nothing was changed");
    assertRefused();
    assertThat(repair(true, true)).contains("2 reports lost").contains("repaired");
    assertThat(lostOnes(LAST)).hasSize(2);
    assertThat(folder.resolve("damaged-" + second.getFileName())).exists();
  }

  @Test
  void aDamagedHeaderCostsItsSegment() throws IOException {
    Path second = segments().get(1);
    byte[] content = Files.readAllBytes(second);
    content[20] ^= 1;
    Files.write(second, content);
    assertRefused();
    repair(true, true);
    assertThat(lostOnes(LAST)).hasSizeBetween(100, 150);
  }

  @Test
  void placesThatGroupsAreDoneWithAreNotGivenAgainWhenTheNewestSegmentsAreGone()
      throws IOException {
    List<Path> all = segments();
    for (Path file : all.subList(1, all.size())) {
      Files.delete(file);
    }
    assertRefused();
    repair(true, true);
    assertThat(lostOnes(250)).isNotEmpty().last().isEqualTo(250L);
  }

  @Test
  void aJournalInUseIsLeftAlone() throws IOException {
    try (JournalStore store = store()) {
      store.open();
      assertThat(repair(true, false)).contains("in use");
    }
  }
}
