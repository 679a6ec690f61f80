package org.plenum.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plenum.report.queue.BufferedQueue;
import org.plenum.report.queue.QueueOptions;
import org.plenum.report.queue.journal.FileSystemDisk;
import org.plenum.report.queue.journal.JournalOptions;
import org.plenum.report.queue.journal.JournalStore;

/** A journal whose queue starts or stops is not taken for one that nobody has open. */
class LocalReportBackupTest {
  @TempDir private Path folder;
  private final LocalReports local = new LocalReports();
  private final AtomicBoolean stopping = new AtomicBoolean();

  /** The store looks at the time when a copy begins: the queue can stop in that moment. */
  private final Clock clock =
      new Clock() {
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
          if (stopping.get()) {
            local.attach(null);
          }
          return Instant.parse("2026-11-24T14:00:00Z");
        }
      };

  @Test
  void whileReportsStartOrStopItIsRefused() {
    assertThatThrownBy(() -> LocalReportBackup.copy(local, true, folder.resolve("copy")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("starting or stopping");
  }

  @Test
  void aNodeWithoutReportsHasNoJournalOpen() throws IOException {
    assertThat(LocalReportBackup.copy(local, false, folder.resolve("copy"))).isFalse();
  }

  @Test
  void aJournalThatWasClosedMeanwhileIsRefused() throws IOException {
    JournalStore journal =
        new JournalStore(
            new FileSystemDisk(folder.resolve("live")),
            new JournalOptions("node", 64 << 10, Duration.ZERO),
            clock);
    try (BufferedQueue queue =
        BufferedQueue.open(journal, QueueOptions.defaults(), Clock.systemUTC())) {
      Reports reports = new Reports(queue, new ReportChecks(1_000), 10, Clock.systemUTC());
      local.attach(new LocalReports.Opened(queue, journal, reports));
      assertThat(LocalReportBackup.copy(local, true, folder.resolve("first"))).isTrue();
      stopping.set(true);
      assertThatThrownBy(() -> LocalReportBackup.copy(local, true, folder.resolve("second")))
          .hasMessageContaining("starting or stopping");
    }
  }
}
