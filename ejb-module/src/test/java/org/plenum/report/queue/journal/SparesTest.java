package org.plenum.report.queue.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.plenum.report.queue.QueueException;

@Timeout(60)
class SparesTest {
  private static final int SIZE = 4 << 20;

  @TempDir private Path folder;
  private MeddledDisk disk;

  @BeforeEach
  void open() throws IOException {
    disk = new MeddledDisk(new FileSystemDisk(folder));
  }

  @Test
  void takesRetiredSegmentsBeforeItMakesAny() throws IOException {
    try (Spares spares = new Spares(disk, SIZE, "spare", () -> 1, () -> {})) {
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
    try (Spares spares = new Spares(disk, SIZE, "spare", () -> 1, () -> {})) {
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
    try (Spares spares = new Spares(disk, SIZE, "spare", () -> 1, () -> {})) {
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
    try (Spares spares = new Spares(disk, SIZE, "spare", () -> 1, () -> {})) {
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
    try (Spares spares = new Spares(disk, SIZE, "spare", () -> 1, () -> {})) {
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
    try (Spares spares = new Spares(disk, SIZE, "spare", () -> 1, () -> {})) {
      assertThatThrownBy(() -> spares.take(SIZE))
          .isInstanceOfSatisfying(
              QueueException.class,
              e -> assertThat(e.reason()).isEqualTo(QueueException.Reason.STORAGE_FULL));
      assertThat(disk.list()).isEmpty();
    }
  }
}
