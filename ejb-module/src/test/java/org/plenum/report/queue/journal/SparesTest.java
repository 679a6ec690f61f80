package org.plenum.report.queue.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.plenum.report.queue.QueueException;

@Timeout(60)
class SparesTest {
  private static final int SIZE = 4 << 20;

  @TempDir private Path folder;
  private Counting disk;

  @BeforeEach
  void open() throws IOException {
    disk = new Counting(new FileSystemDisk(folder));
  }

  @Test
  void takesRetiredSegmentsBeforeItMakesAny() throws IOException {
    try (Spares spares = new Spares(disk, SIZE, "spare", () -> 1)) {
      disk.open("retired").write(ByteBuffer.allocate(SIZE), 0);
      int before = disk.written.get();
      assertThat(spares.adopt("retired")).isTrue();
      Spares.Spare taken = spares.take(SIZE);
      assertThat(taken.name()).startsWith("spare");
      assertThat(disk.list()).containsExactly(taken.name());
      assertThat(disk.written).hasValue(before);
      taken.file().close();
    }
  }

  @Test
  void keepsAsManyAsItSaysAndRefusesTheRest() throws IOException {
    try (Spares spares = new Spares(disk, SIZE, "spare", () -> 1)) {
      for (int i = 0; i < Spares.KEPT; i++) {
        disk.open("retired" + i).close();
        assertThat(spares.adopt("retired" + i)).isTrue();
      }
      disk.open("more").close();
      assertThat(spares.adopt("more")).isFalse();
      assertThat(disk.list()).contains("more").hasSize(Spares.KEPT + 1);
    }
  }

  @Test
  void whatIsAskedForIsMadeDurableBlockByBlock() throws IOException {
    try (Spares spares = new Spares(disk, SIZE, "spare", () -> 1)) {
      spares.start();
      spares.ask();
      Spares.Spare taken = spares.take(SIZE);
      assertThat(taken.file().size()).isEqualTo(SIZE);
      assertThat(disk.largestUnforced).hasValueLessThanOrEqualTo(1 << 20);
      assertThat(disk.written).hasValue(SIZE); // once: the taker waited, and made none of its own
      taken.file().close();
    }
  }

  @Test
  void nothingIsMadeWhileOneWaits() throws IOException {
    try (Spares spares = new Spares(disk, SIZE, "spare", () -> 1)) {
      disk.open("retired").close();
      assertThat(spares.adopt("retired")).isTrue();
      spares.start();
      spares.ask();
      spares.take(SIZE).file().close();
      spares.ask();
      spares.take(SIZE).file().close();
      assertThat(disk.written).hasValue(SIZE);
    }
  }

  @Test
  void whoTakesDoesNotWaitForAMakerThatFailed() throws Exception {
    disk.hold = new CountDownLatch(1);
    ExecutorService taker = Executors.newSingleThreadExecutor();
    try (Spares spares = new Spares(disk, SIZE, "spare", () -> 1)) {
      spares.start();
      spares.ask();
      await().atMost(20, TimeUnit.SECONDS).until(() -> disk.held.get() == 1);
      Future<Spares.Spare> taken = taker.submit(() -> spares.take(SIZE));
      disk.hold.countDown(); // and its write fails
      taken.get(20, TimeUnit.SECONDS).file().close();
      assertThat(disk.list()).containsExactly("spare-1-1");
    } finally {
      taker.shutdownNow();
    }
  }

  @Test
  void whatDoesNotFitIsRefusedBeforeAnythingIsWritten() throws IOException {
    disk.free = SIZE - 1;
    try (Spares spares = new Spares(disk, SIZE, "spare", () -> 1)) {
      assertThatThrownBy(() -> spares.take(SIZE))
          .isInstanceOfSatisfying(
              QueueException.class,
              e -> assertThat(e.reason()).isEqualTo(QueueException.Reason.STORAGE_FULL));
      assertThat(disk.list()).isEmpty();
    }
  }

  /** A folder that counts what is written, and holds the first write up and fails it when told. */
  private static final class Counting implements JournalDisk {
    private final JournalDisk disk;
    private final AtomicInteger written = new AtomicInteger();
    private final AtomicInteger unforced = new AtomicInteger();
    private final AtomicInteger largestUnforced = new AtomicInteger();
    private final AtomicInteger held = new AtomicInteger();
    private volatile CountDownLatch hold = new CountDownLatch(0);
    private volatile long free = Long.MAX_VALUE;

    Counting(JournalDisk disk) {
      this.disk = disk;
    }

    @Override
    public List<String> list() throws IOException {
      return disk.list();
    }

    @Override
    public DiskFile open(String name) throws IOException {
      DiskFile file = disk.open(name);
      return new DiskFile() {
        @Override
        public long size() throws IOException {
          return file.size();
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
          return file.read(into, position);
        }

        @Override
        public void write(ByteBuffer from, long position) throws IOException {
          if (hold.getCount() > 0) {
            held.incrementAndGet();
            awaitRelease();
            throw new IOException("made to fail");
          }
          int bytes = from.remaining();
          file.write(from, position);
          written.addAndGet(bytes);
          int now = unforced.addAndGet(bytes);
          largestUnforced.accumulateAndGet(now, Math::max);
        }

        @Override
        public void force() throws IOException {
          file.force();
          unforced.set(0);
        }

        @Override
        public void close() throws IOException {
          file.close();
        }
      };
    }

    private void awaitRelease() throws IOException {
      try {
        if (!hold.await(20, TimeUnit.SECONDS)) {
          throw new IOException("nobody released it");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public DiskFile existing(String name) throws IOException {
      return disk.existing(name);
    }

    @Override
    public boolean create(String name) throws IOException {
      return disk.create(name);
    }

    @Override
    public void delete(String name) throws IOException {
      disk.delete(name);
    }

    @Override
    public void rename(String from, String to) throws IOException {
      disk.rename(from, to);
    }

    @Override
    public void forceNames() throws IOException {
      disk.forceNames();
    }

    @Override
    public long freeBytes() throws IOException {
      return Math.min(free, disk.freeBytes());
    }

    @Override
    public String place() {
      return disk.place();
    }

    @Override
    public boolean lock() throws IOException {
      return disk.lock();
    }

    @Override
    public void unlock() throws IOException {
      disk.unlock();
    }
  }
}
