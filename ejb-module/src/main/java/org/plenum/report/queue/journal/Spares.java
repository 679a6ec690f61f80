package org.plenum.report.queue.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.plenum.report.queue.journal.JournalDisk.DiskFile;

/**
 * Files, filled and durable, that wait to become the next segments, so that the flusher need not
 * fill one. Retired segments come first: a queue whose consumers keep up writes the same few files
 * again and again. Only when none waits and the flusher says that it will need one soon, a thread
 * makes one, in blocks that are durable one by one: what the flusher makes durable meanwhile waits
 * behind one block, not behind a whole file. Thread-safe.
 */
final class Spares implements AutoCloseable {
  /** Files that are kept; more retired ones are deleted. */
  static final int KEPT = 2;

  private static final int BLOCK = 1 << 20;
  private static final Duration LONGEST_BLOCK = Duration.ofSeconds(10);
  private static final Duration SLICE = Duration.ofMillis(250);

  private final JournalDisk disk;
  private final int size;
  private final String prefix;
  private final LongSupplier epoch;
  private final SegmentScan.Beat beat;
  private final Deque<Spare> ready = new ArrayDeque<>(KEPT);
  private @Nullable Thread maker;
  private boolean wanted;
  private boolean making;
  private boolean closed;
  private long made;
  private long blocks;

  /** A file under a name that no recovery reads. */
  record Spare(String name, DiskFile file, long size) {}

  /**
   * The names have the epoch, so an owner that was taken over from fills none of the new one's.
   *
   * @param beat is called by the flusher's thread while it waits for a file or fills one
   */
  Spares(JournalDisk disk, int size, String prefix, LongSupplier epoch, SegmentScan.Beat beat) {
    this.disk = disk;
    this.size = size;
    this.prefix = prefix;
    this.epoch = epoch;
    this.beat = beat;
  }

  synchronized void start() {
    Thread thread = new Thread(this::run, "report-queue-spares");
    thread.setDaemon(true);
    maker = thread;
    thread.start();
  }

  /** One will be taken soon. */
  synchronized void ask() {
    if (ready.isEmpty()) {
      wanted = true;
      notifyAll();
    }
  }

  /**
   * A file with room for so many bytes; of one that is being made, the end is waited for, as long
   * as it grows. By the flusher alone, which shows meanwhile that the owner lives.
   */
  Spare take(int needed) throws IOException {
    Spare waiting = needed <= size ? awaitReady() : null;
    return waiting != null ? waiting : make(nextName(), Math.max(size, needed), false);
  }

  private @Nullable Spare awaitReady() throws IOException {
    long seen = -1;
    long since = System.nanoTime();
    while (true) {
      synchronized (this) {
        Spare spare = ready.poll();
        if (spare != null || !isComing()) {
          return spare;
        }
        if (blocks != seen) {
          seen = blocks;
          since = System.nanoTime();
        } else if (System.nanoTime() - since > LONGEST_BLOCK.toNanos()) {
          return null;
        }
        try {
          wait(SLICE.toMillis());
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return null;
        }
      }
      beat.beat();
    }
  }

  private synchronized boolean isComing() {
    Thread thread = maker;
    return thread != null && thread.isAlive() && !closed && (wanted || making);
  }

  /** Takes a file that is no segment any more; false when it is of no use. */
  boolean adopt(String segment) throws IOException {
    String name;
    synchronized (this) {
      if (ready.size() >= KEPT || closed) {
        return false;
      }
      name = nextName();
    }
    disk.rename(segment, name);
    boolean adopted = false;
    try {
      disk.forceNames();
      offer(new Spare(name, disk.open(name), size));
      adopted = true;
    } finally {
      if (!adopted) {
        disk.delete(name); // it is no segment any more, and nobody would know of it
      }
    }
    return true;
  }

  private synchronized String nextName() {
    return "%s-%d-%d".formatted(prefix, epoch.getAsLong(), made++);
  }

  private void offer(Spare spare) throws IOException {
    synchronized (this) {
      if (ready.size() < KEPT && !closed) {
        ready.add(spare);
        wanted = false;
        notifyAll(); // the flusher may wait for one
        return;
      }
    }
    discard(spare.name(), spare.file());
  }

  private Spare make(String name, int bytes, boolean byBlocks) throws IOException {
    long free = disk.freeBytes();
    if (free < bytes) {
      throw Failures.full(disk.place(), free, bytes);
    }
    ByteBuffer zeros = ByteBuffer.allocateDirect(Math.min(BLOCK, bytes));
    DiskFile file = disk.open(name);
    boolean filled = false;
    try {
      for (long at = 0; at < bytes; at += zeros.capacity()) {
        zeros.clear().limit((int) Math.min(zeros.capacity(), bytes - at));
        file.write(zeros, at);
        if (byBlocks) {
          file.force();
          countBlock();
        } else {
          beat.beat();
        }
      }
      file.force();
      filled = true;
      return new Spare(name, file, bytes);
    } finally {
      if (!filled) {
        discard(name, file);
      }
    }
  }

  private void discard(String name, DiskFile file) throws IOException {
    try {
      file.close();
    } finally {
      disk.delete(name);
    }
  }

  private synchronized void countBlock() throws IOException {
    blocks++;
    if (closed) {
      throw new IOException("closed: nobody needs it any more");
    }
  }

  private void run() {
    try {
      while (awaitWanted()) {
        try {
          offer(make(nextName(), size, true));
        } catch (IOException | RuntimeException e) {
          // the flusher meets the same trouble when it needs a file, and reports it
          System.getLogger(Spares.class.getName())
              .log(System.Logger.Level.DEBUG, "no spare segment", e);
        } finally {
          finished();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      end();
    }
  }

  /** Whatever ended the thread: nobody waits for it. */
  private synchronized void end() {
    maker = null;
    notifyAll();
  }

  private synchronized boolean awaitWanted() throws InterruptedException {
    while (!closed && !wanted) {
      wait();
    }
    wanted = false;
    making = !closed;
    return making;
  }

  private synchronized void finished() {
    making = false;
    notifyAll();
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
        running.join(LONGEST_BLOCK);
      }
      synchronized (this) {
        for (Spare left = ready.poll(); left != null; left = ready.poll()) {
          left.file().close();
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
