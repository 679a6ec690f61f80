package org.plenum.report.queue.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.QueueException.Reason;
import org.plenum.report.queue.Reports;

/** Real files, changed by hand as crashes and bad disks do. */
class JournalDamageTest {
  private static final String SEGMENT = "0000000000000001-00000001.seg";

  @TempDir Path folder;
  private byte[] whole = new byte[0];
  private int lastAt;
  private int end;

  private JournalStore store() throws IOException {
    return new JournalStore(
        new FileSystemDisk(folder.resolve("journal")),
        new JournalOptions("node", 8_192, Duration.ZERO),
        Clock.systemUTC(),
        step -> {},
        false);
  }

  /** Ten batches of one report each, in the first segment. */
  @BeforeEach
  void tenReports() throws IOException {
    try (JournalStore store = store()) {
      store.open();
      int at = Segment.HEADER;
      for (long sequence = 1; sequence <= 10; sequence++) {
        store.append(List.of(Reports.queued(sequence)));
        lastAt = at;
        at += RecordCodec.sizeOf(Reports.of(sequence));
      }
      end = at;
    }
    whole = Files.readAllBytes(folder.resolve("journal").resolve(SEGMENT));
  }

  private void onlyThis(byte[] segment) throws IOException {
    try (var files = Files.list(folder.resolve("journal"))) {
      for (Path file : files.toList()) {
        if (file.toString().endsWith(".seg")) {
          Files.delete(file);
        }
      }
    }
    Files.write(folder.resolve("journal").resolve(SEGMENT), segment);
  }

  @Test
  void aTailTornAtAnyByteIsCutAndAllBeforeItIsThere() throws IOException {
    for (int cut = lastAt; cut <= end; cut++) {
      byte[] torn = whole.clone();
      Arrays.fill(torn, cut, torn.length, (byte) 0);
      onlyThis(torn);
      long last = recover(cut);
      boolean nothingLost = Arrays.equals(torn, whole);
      assertThat(last).as("torn at byte %d", cut).isEqualTo(nothingLost ? 10 : 9);
    }
  }

  private long recover(int cut) throws IOException {
    try (JournalStore store = store()) {
      long last = store.open().last();
      for (long next = 1; next <= last; next++) {
        assertThat(Reports.sequences(store.read(next, 1, 1))).containsExactly(next);
      }
      store.append(List.of(Reports.queued(last + 1)));
      assertThat(store.read(last + 1, 1, 1)).as("after the cut at %d", cut).hasSize(1);
      return last;
    }
  }

  @Test
  void anyFlippedByteBeforeTheLastBatchIsRefusedWithThePlaceAndTheRepair() throws IOException {
    for (int at = Segment.HEADER; at < lastAt; at++) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 0x40;
      onlyThis(damaged);
      JournalStore store = store();
      assertThatThrownBy(store::open)
          .as("flipped byte %d", at)
          .isInstanceOfSatisfying(
              QueueException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DAMAGED))
          .hasMessageContaining(SEGMENT)
          .hasMessageContaining("damaged at byte")
          .hasMessageContaining("JournalRepair");
    }
  }

  @Test
  void aDamagedHeaderIsRefused() throws IOException {
    byte[] damaged = whole.clone();
    damaged[20] ^= 1;
    onlyThis(damaged);
    JournalStore store = store();
    assertThatThrownBy(store::open)
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("header of segment " + SEGMENT);
  }
}
