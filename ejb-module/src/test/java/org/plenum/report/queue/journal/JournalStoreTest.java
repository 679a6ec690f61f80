package org.plenum.report.queue.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;
import org.plenum.report.queue.ReportStore;
import org.plenum.report.queue.ReportStoreContract;

/** Real files; those that may be taken over are on storage whose locks do nothing. */
class JournalStoreTest extends ReportStoreContract {
  private static final JournalOptions OPTIONS = new JournalOptions("node", 8_192, Duration.ZERO);

  @TempDir private Path folder;

  @Override
  protected ReportStore store() throws IOException {
    return new JournalStore(new FileSystemDisk(folder), OPTIONS, Clock.systemUTC());
  }

  @Override
  protected ReportStore weakStore() throws IOException {
    return new JournalStore(new DiskWithoutLocks(folder), OPTIONS, Clock.systemUTC());
  }
}
