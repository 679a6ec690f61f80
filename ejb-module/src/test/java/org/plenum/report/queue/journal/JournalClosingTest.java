package org.plenum.report.queue.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.Reports;

/** What stays open, and what does not, when files cannot be read or closed. */
class JournalClosingTest {
  @TempDir private Path folder;
  private Troubled disk;

  /** A disk whose segments may fail when they are read or closed. */
  private static final class Troubled extends DiskWithoutLocks {
    final AtomicInteger open = new AtomicInteger();
    boolean unreadable;
    boolean unclosable;

    Troubled(Path folder) throws IOException {
      super(folder);
    }

    @Override
    public DiskFile open(String name) throws IOException {
      return watched(super.open(name), name);
    }

    @Override
    public DiskFile existing(String name) throws IOException {
      return watched(super.existing(name), name);
    }

    private DiskFile watched(DiskFile file, String name) {
      open.incrementAndGet();
      boolean segment = Segment.isName(name) || name.startsWith("spare");
      return new DiskFile() {
        @Override
        public long size() throws IOException {
          return file.size();
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
          if (segment && unreadable) {
            throw new IOException("cannot be read");
          }
          return file.read(into, position);
        }

        @Override
        public void write(ByteBuffer from, long position) throws IOException {
          file.write(from, position);
        }

        @Override
        public void force() throws IOException {
          file.force();
        }

        @Override
        public void close() throws IOException {
          open.decrementAndGet();
          file.close();
          if (segment && unclosable) {
            throw new IOException("cannot be closed");
          }
        }
      };
    }
  }

  @BeforeEach
  void makeDisk() throws IOException {
    disk = new Troubled(folder);
  }

  private JournalStore store() {
    JournalOptions options = new JournalOptions("node", 4_096, Duration.ofHours(1));
    return new JournalStore(disk, options, Clock.systemUTC(), step -> {}, false);
  }

  @Test
  @Timeout(60)
  void aSegmentThatCannotBeClosedKeepsNothingElseOpenAndTheNextOwnerNeedNotWait() {
    JournalStore first = store();
    first.open();
    first.append(Reports.range(1, 3));
    disk.unclosable = true;
    first.close();
    disk.unclosable = false;
    assertThat(disk.open).hasValue(0);

    JournalStore second = store();
    assertThat(second.open().last()).isEqualTo(3);
    second.close();
  }

  @Test
  @Timeout(60)
  void aSegmentThatCannotBeReadIsNotLeftOpen() {
    JournalStore first = store();
    first.open();
    first.append(Reports.range(1, 3));
    first.close();

    disk.unreadable = true;
    assertThatExceptionOfType(QueueException.class).isThrownBy(store()::open);
    disk.unreadable = false;
    assertThat(disk.open).hasValue(0);

    JournalStore second = store();
    assertThat(second.open().last()).isEqualTo(3);
    second.close();
  }
}
