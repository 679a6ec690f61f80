package org.plenum.report.queue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.plenum.report.queue.QueueException.Reason;

/**
 * The first buffer (QUE-1): what producers have pushed and is not yet durable. Bounded in count and
 * weight, with back-pressure: a producer waits for room for as long as it says. Its room is given
 * back when the reports are durable or refused, so the bound covers those being written as well.
 * Thread-safe; one thread drains.
 */
final class FirstBuffer {
  /** One call of a producer. */
  record Push(List<Report> reports, long bytes, CompletableFuture<Appended> answer) {}

  private final int maxCount;
  private final long maxBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private final Condition work = lock.newCondition();
  private final Deque<Push> waiting = new ArrayDeque<>();
  private int waitingCount;
  private int heldCount;
  private long heldBytes;
  private int awaited;
  private boolean closed;

  FirstBuffer(int maxCount, long maxBytes) {
    this.maxCount = maxCount;
    this.maxBytes = maxBytes;
  }

  /**
   * Takes reports in, waiting at most so long for room.
   *
   * @throws QueueException FULL when there was no room in time, CLOSED
   * @throws IllegalArgumentException when they would not even fit into the empty buffer
   */
  CompletableFuture<Appended> push(List<Report> reports, long waitNanos)
      throws InterruptedException {
    long bytes = weightOf(reports);
    if (reports.isEmpty() || reports.size() > maxCount || bytes > maxBytes) {
      throw new IllegalArgumentException(
          "%d reports of %d bytes; at least one, at most %d of %d bytes"
              .formatted(reports.size(), bytes, maxCount, maxBytes));
    }
    Push push = new Push(List.copyOf(reports), bytes, new CompletableFuture<>());
    lock.lockInterruptibly();
    try {
      long left = waitNanos;
      while (!closed && (heldCount + reports.size() > maxCount || heldBytes + bytes > maxBytes)) {
        if (left <= 0) {
          throw new QueueException(
              Reason.FULL,
              "%d reports (%d bytes) wait to be written".formatted(heldCount, heldBytes));
        }
        left = room.awaitNanos(left);
      }
      if (closed) {
        throw new QueueException(Reason.CLOSED, "the queue is closed");
      }
      waiting.add(push);
      waitingCount += reports.size();
      heldCount += reports.size();
      heldBytes += bytes;
      if (waitingCount >= awaited) {
        work.signal();
      }
    } finally {
      lock.unlock();
    }
    return push.answer();
  }

  /**
   * The pushes that wait, oldest first: as many as have so many reports and bytes together, and one
   * at least. Waits for the first one; then, briefly, for as many reports as the caller hopes for.
   *
   * @param hopedFor reports worth waiting for once there is one
   * @param lingerNanos how long to wait for them
   * @param waitNanos how long to wait for the first one
   * @return empty when none came in time or the buffer is closed and empty
   */
  List<Push> drain(int most, long mostBytes, int hopedFor, long lingerNanos, long waitNanos)
      throws InterruptedException {
    lock.lockInterruptibly();
    try {
      await(1, waitNanos);
      if (waitingCount > 0) {
        await(Math.min(hopedFor, most), lingerNanos);
      }
      List<Push> drained = new ArrayList<>(Math.min(waiting.size(), most));
      int count = 0;
      long bytes = 0;
      for (Push next = waiting.peek(); next != null; next = waiting.peek()) {
        count += next.reports().size();
        bytes += next.bytes();
        if (!drained.isEmpty() && (count > most || bytes > mostBytes)) {
          break;
        }
        drained.add(waiting.remove());
        waitingCount -= next.reports().size();
      }
      return drained;
    } finally {
      lock.unlock();
    }
  }

  private void await(int wanted, long waitNanos) throws InterruptedException {
    long left = waitNanos;
    awaited = wanted;
    try {
      while (waitingCount < wanted && !closed && left > 0) {
        left = work.awaitNanos(left);
      }
    } finally {
      awaited = Integer.MAX_VALUE; // nobody waits: nobody is to be woken
    }
  }

  /** Gives the room of these pushes back. */
  void release(List<Push> done) {
    lock.lock();
    try {
      for (Push push : done) {
        heldCount -= push.reports().size();
        heldBytes -= push.bytes();
      }
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Takes nothing in any more; what is in can still be drained. */
  void close() {
    lock.lock();
    try {
      closed = true;
      room.signalAll();
      work.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Gives up what waits: nobody will drain it. */
  void refuse(QueueException why) {
    List<Push> left;
    lock.lock();
    try {
      left = new ArrayList<>(waiting);
      waiting.clear();
      waitingCount = 0;
      work.signalAll();
    } finally {
      lock.unlock();
    }
    release(left);
    left.forEach(push -> push.answer().completeExceptionally(why));
  }

  int count() {
    lock.lock();
    try {
      return heldCount;
    } finally {
      lock.unlock();
    }
  }

  long bytes() {
    lock.lock();
    try {
      return heldBytes;
    } finally {
      lock.unlock();
    }
  }

  boolean isDrained() {
    lock.lock();
    try {
      return closed && waiting.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Wakes the drainer, so that it looks at what else it has to do. */
  void nudge() {
    lock.lock();
    try {
      work.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private static long weightOf(List<Report> reports) {
    long bytes = 0;
    for (int i = 0; i < reports.size(); i++) {
      bytes += reports.get(i).weight();
    }
    return bytes;
  }
}
