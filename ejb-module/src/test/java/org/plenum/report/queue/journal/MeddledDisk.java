package org.plenum.report.queue.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * A folder that counts what is read, written and made, holds the first write up and fails it when
 * told, and fails renames, forces and directories when told.
 */
final class MeddledDisk implements JournalDisk {
  final AtomicInteger written = new AtomicInteger();
  final AtomicInteger largestUnforced = new AtomicInteger();
  final AtomicInteger held = new AtomicInteger();
  final AtomicInteger made = new AtomicInteger();
  final AtomicLong read = new AtomicLong();
  volatile CountDownLatch hold = new CountDownLatch(0);
  volatile long free = Long.MAX_VALUE;
  volatile Predicate<String> failingRename = name -> false;
  volatile Predicate<String> failingForce = name -> false;
  volatile Predicate<String> failingDelete = name -> false;
  volatile boolean failingNames;

  private final JournalDisk disk;
  private final AtomicInteger unforced = new AtomicInteger();

  MeddledDisk(JournalDisk disk) {
    this.disk = disk;
  }

  private static IOException failure() {
    return new IOException("made to fail");
  }

  @Override
  public List<String> list() throws IOException {
    return disk.list();
  }

  @Override
  public DiskFile open(String name) throws IOException {
    if (name.startsWith("spare") && !disk.list().contains(name)) {
      made.incrementAndGet();
    }
    return wrapped(name, disk.open(name));
  }

  @Override
  public DiskFile existing(String name) throws IOException {
    return wrapped(name, disk.existing(name));
  }

  private DiskFile wrapped(String name, DiskFile file) {
    return new DiskFile() {
      @Override
      public long size() throws IOException {
        return file.size();
      }

      @Override
      public int read(ByteBuffer into, long position) throws IOException {
        int count = file.read(into, position);
        read.addAndGet(Math.max(0, count));
        return count;
      }

      @Override
      public void write(ByteBuffer from, long position) throws IOException {
        if (hold.getCount() > 0) {
          held.incrementAndGet();
          awaitRelease();
          throw failure();
        }
        int bytes = from.remaining();
        file.write(from, position);
        written.addAndGet(bytes);
        largestUnforced.accumulateAndGet(unforced.addAndGet(bytes), Math::max);
      }

      @Override
      public void force() throws IOException {
        if (failingForce.test(name)) {
          throw failure();
        }
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
  public boolean create(String name) throws IOException {
    return disk.create(name);
  }

  @Override
  public void delete(String name) throws IOException {
    if (failingDelete.test(name)) {
      throw failure();
    }
    disk.delete(name);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    if (failingRename.test(from)) {
      throw failure();
    }
    disk.rename(from, to);
  }

  @Override
  public void forceNames() throws IOException {
    if (failingNames) {
      throw failure();
    }
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
