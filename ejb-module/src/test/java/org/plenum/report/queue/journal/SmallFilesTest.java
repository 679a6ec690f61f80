package org.plenum.report.queue.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plenum.report.queue.Cursor;
import org.plenum.report.queue.DeadLetter;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.QueueException.Reason;
import org.plenum.report.queue.QueuedReport;
import org.plenum.report.queue.ReportStore;
import org.plenum.report.queue.Reports;

/** The files beside the segments: cursors and dead letters. */
class SmallFilesTest {
  private final SimulatedDisk disk = new SimulatedDisk();

  private static DeadLetter letter(long sequence, int more) {
    QueuedReport report = new QueuedReport(sequence, 5, Reports.sized(sequence, more));
    return new DeadLetter(0, "group", report, "no", 3, Instant.EPOCH);
  }

  private static List<Long> ids(DeadLetterFile file) throws IOException {
    return file.after(0, 1_000).stream().map(DeadLetter::id).toList();
  }

  private DeadLetterFile letters(long epoch) throws IOException {
    return DeadLetterFile.open(disk, epoch, step -> {});
  }

  @Test
  void theFileOfDeadLettersStaysSmallWhateverComesAndGoes() throws IOException {
    try (DeadLetterFile file = letters(1)) {
      long kept = file.add(letter(1, 100));
      for (long sequence = 2; sequence <= 300; sequence++) {
        file.remove(file.add(letter(sequence, 20_000)));
      }
      try (JournalDisk.DiskFile raw = disk.open("dead-letters-0000000000000001")) {
        assertThat(raw.size()).isLessThan(2 << 20);
      }
      assertThat(ids(file)).containsExactly(kept);
      assertThat(file.after(0, 1).get(0).report().report().payload())
          .isEqualTo(Reports.sized(1, 100).payload());
    }
    try (DeadLetterFile file = letters(2)) {
      assertThat(file.add(letter(301, 0))).as("numbers keep growing").isEqualTo(301);
    }
  }

  @Test
  void aPageOfDeadLettersIsBoundedInBytes() throws IOException {
    try (DeadLetterFile file = letters(1)) {
      for (long sequence = 1; sequence <= 5; sequence++) {
        file.add(letter(sequence, (int) ReportStore.LETTER_PAGE_BYTES / 2));
      }
      assertThat(file.after(0, 10)).hasSize(1);
      assertThat(file.after(1, 10)).hasSize(1);
      assertThat(file.count()).isEqualTo(5);
    }
  }

  @Test
  void afterAFailedForceDeadLettersGoOnInAnotherFile() throws IOException {
    try (DeadLetterFile file = letters(1)) {
      file.add(letter(1, 0));
      int made = disk.inodes();
      disk.failForces(1);
      assertThatThrownBy(() -> file.add(letter(2, 0))).isInstanceOf(IOException.class);
      assertThat(ids(file)).containsExactly(1L);
      assertThat(file.add(letter(3, 0))).isEqualTo(2);
      assertThat(disk.inodes()).as("files made").isGreaterThan(made);
    }
    try (DeadLetterFile file = letters(2)) {
      assertThat(file.after(0, 10).stream().map(each -> each.report().sequence()).toList())
          .containsExactly(1L, 3L);
    }
  }

  @Test
  void damageAmongDeadLettersIsRefusedAndATornOneIsCut(@TempDir Path folder) throws IOException {
    FileSystemDisk real = new FileSystemDisk(folder);
    Path path = folder.resolve("dead-letters-0000000000000001");
    List<Long> ends = new ArrayList<>();
    try (DeadLetterFile file = DeadLetterFile.open(real, 1, step -> {})) {
      for (long sequence = 1; sequence <= 3; sequence++) {
        file.add(letter(sequence, 50));
        ends.add(Files.size(path));
      }
    }
    byte[] whole = Files.readAllBytes(path);
    for (int at = (int) (long) ends.get(0); at < ends.get(1); at++) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 0x10;
      Files.write(path, damaged);
      assertThatThrownBy(() -> DeadLetterFile.open(real, 2, step -> {}))
          .as("flipped byte %d", at)
          .isInstanceOfSatisfying(
              QueueException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DAMAGED))
          .hasMessageContaining("damaged at byte " + ends.get(0));
    }
    Files.write(path, Arrays.copyOf(whole, whole.length - 1));
    try (DeadLetterFile file = DeadLetterFile.open(real, 2, step -> {})) {
      assertThat(ids(file)).containsExactly(1L, 2L);
    }
  }

  @Test
  void afterAFailedForceCursorsGoOnInAnotherFile() throws IOException {
    try (CursorFile file = CursorFile.open(disk, 1, step -> {})) {
      file.save(List.of(new Cursor("a", 5, 0)));
      int made = disk.inodes();
      disk.failForces(1);
      assertThatThrownBy(() -> file.save(List.of(new Cursor("a", 6, 0))))
          .isInstanceOf(IOException.class);
      file.save(List.of(new Cursor("a", 7, 1)));
      assertThat(disk.inodes()).as("files made").isGreaterThan(made);
      file.save(List.of(new Cursor("a", 8, 1)));
    }
    try (CursorFile file = CursorFile.open(disk, 2, step -> {})) {
      assertThat(file.all()).containsExactly(new Cursor("a", 8, 1));
    }
  }

  @Test
  void aGroupThatFindsNoPlaceIsRefusedAndTheOthersGoOn() throws IOException {
    try (CursorFile file = CursorFile.open(disk, 1, step -> {})) {
      int groups = 0;
      boolean full = false;
      while (!full) {
        try {
          file.save(List.of(new Cursor("g".repeat(200) + groups, 1, 0)));
          groups++;
        } catch (QueueException e) {
          assertThat(e.reason()).isEqualTo(Reason.FULL);
          full = true;
        }
      }
      assertThat(groups).isGreaterThan(100);
      file.save(List.of(new Cursor("g".repeat(200) + 0, 2, 0)));
      assertThat(file.all()).hasSize(groups).contains(new Cursor("g".repeat(200) + 0, 2, 0));
    }
  }

  @Test
  void anInterruptedThreadClosesNoFileForOthers(@TempDir Path folder) throws IOException {
    FileSystemDisk real = new FileSystemDisk(folder.resolve("deep").resolve("deeper"));
    try (JournalDisk.DiskFile file = real.open("file")) {
      Thread.currentThread().interrupt();
      file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
      file.force();
      ByteBuffer read = ByteBuffer.allocate(3);
      assertThat(file.read(read, 0)).isEqualTo(3);
      assertThat(Thread.interrupted()).as("the interrupt is still there").isTrue();
      assertThat(file.read(read.clear(), 1)).isEqualTo(2);
      assertThat(file.size()).isEqualTo(3);
    }
  }
}
