package org.plenum.report.queue.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.plenum.report.queue.journal.JournalDisk.DiskFile;

/**
 * One file, filled and durable, that waits to become the next segment, so that the flusher need not
 * fill one. A retired segment is taken when there is none; else a thread makes one. Thread-safe.
 */
final class Spares implements AutoCloseable {
  private static final int BLOCK = 1 << 20;
  private static final Duration LONGEST_FILLING = Duration.ofSeconds(10);

  private final JournalDisk disk;
  private final int size;
  private final String prefix;
  private final LongSupplier epoch;
  private @Nullable Spare ready;
  private @Nullable Thread maker;
  private boolean wanted;
  private boolean closed;
  private long made;

  /** A file under a name that no recovery reads. */
  record Spare(String name, DiskFile file, long size) {}

  /** The names have the epoch, so an owner that was taken over from fills none of the new one's. */
  Spares(JournalDisk disk, int size, String prefix, LongSupplier epoch) {
    this.disk = disk;
    this.size = size;
    this.prefix = prefix;
    this.epoch = epoch;
  }

  synchronized void start() {
    Thread thread = new Thread(this::run, "report-queue-spares");
    thread.setDaemon(true);
    maker = thread;
    thread.start();
  }

  /** A file with room for so many bytes. */
  Spare take(int needed) throws IOException {
    String name;
    synchronized (this) {
      wanted = true;
      notifyAll();
      Spare kept = ready;
      if (kept != null && needed <= kept.size()) {
        ready = null;
        return kept;
      }
      name = nextName();
    }
    return make(name, Math.max(size, needed));
  }

  /** Takes a file that is no segment any more; false when it is of no use. */
  boolean adopt(String segment) throws IOException {
    String name;
    synchronized (this) {
      if (ready != null || closed) {
        return false;
      }
      name = nextName();
    }
    disk.rename(segment, name);
    disk.forceNames();
    offer(new Spare(name, disk.open(name), size));
    return true;
  }

  private String nextName() {
    return "%s-%d-%d".formatted(prefix, epoch.getAsLong(), made++);
  }

  private void offer(Spare spare) throws IOException {
    synchronized (this) {
      if (ready == null && !closed) {
        ready = spare;
        return;
      }
    }
    spare.file().close();
    disk.delete(spare.name());
  }

  private Spare make(String name, int bytes) throws IOException {
    long free = disk.freeBytes();
    if (free < bytes) {
      throw Failures.full(disk.place(), free, bytes);
    }
    DiskFile file = disk.open(name);
    try {
      ByteBuffer zeros = ByteBuffer.allocateDirect(Math.min(BLOCK, bytes));
      for (long at = 0; at < bytes; at += zeros.capacity()) {
        zeros.clear().limit((int) Math.min(zeros.capacity(), bytes - at));
        file.write(zeros, at);
      }
      file.force();
      return new Spare(name, file, bytes);
    } catch (IOException e) {
      file.close();
      disk.delete(name);
      throw e;
    }
  }

  private void run() {
    try {
      while (awaitWanted()) {
        String name;
        synchronized (this) {
          name = nextName();
        }
        try {
          offer(make(name, size));
        } catch (IOException | RuntimeException e) {
          // the flusher meets the same trouble when it needs a file, and reports it
          System.getLogger(Spares.class.getName())
              .log(System.Logger.Level.DEBUG, "no spare segment", e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean awaitWanted() throws InterruptedException {
    while (!closed && (!wanted || ready != null)) {
      wait();
    }
    wanted = false;
    return !closed;
  }

  @Override
  public void close() {
    Thread running;
    synchronized (this) {
      closed = true;
      notifyAll();
      running = maker;
    }
    try {
      if (running != null) {
        running.join(LONGEST_FILLING);
      }
      synchronized (this) {
        if (ready != null) {
          ready.file().close();
          ready = null;
        }
      }
    } catch (IOException e) {
      System.getLogger(Spares.class.getName())
          .log(System.Logger.Level.DEBUG, "a spare segment was not closed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
