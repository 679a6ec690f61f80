package org.plenum.report.queue;

import java.time.Clock;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.plenum.report.queue.QueueException.Reason;
import org.plenum.report.queue.SecondBuffer.Taken;

/**
 * A named group: its second buffer, its cursor and the attempts of the report at its head. One lock
 * guards all of it, so admission, swap and the judgement of the standby are atomic to each other.
 * Storage is read and written outside the lock, by the group's consumer only; a session number
 * tells a result that came too late.
 *
 * <p>Attempts are durable before the delivery they count, where it matters: when a consumer starts,
 * and when a report comes again. So a report that kills its consumer's process is counted too; from
 * the third start at the same head, reports come one by one until the suspects are through.
 */
final class ConsumerGroup {
  private static final int STARTS_UNTIL_ISOLATION = 3;
  private static final int LONGEST_DELAY = 100;

  private final String name;
  private final QueueOptions options;
  private final ReportStore store;
  private final Clock clock;
  private final Consumer<DeadLetter> deadLetters;
  private final Consumer<ConsumerGroup> cursors;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final SecondBuffer buffer;
  private long acked;
  private long saved;
  private int attempts;
  private String lastReason = "its consumer did not come back";
  private boolean counted;
  private boolean pinpointed;
  private boolean dirty;
  private long session;
  private boolean attached;
  private long isolatedUpTo;
  private long pausedAt;
  private long pauseNanos;
  private long expired;
  private long expiredUpTo;
  private @Nullable QueueException closed;

  /**
   * A group where its cursor is.
   *
   * @param deadLetters makes a dead letter durable
   * @param cursors makes the cursor of a group durable as it is then, never an earlier one
   */
  ConsumerGroup(
      Cursor cursor,
      long persisted,
      QueueOptions options,
      ReportStore store,
      Clock clock,
      Consumer<DeadLetter> deadLetters,
      Consumer<ConsumerGroup> cursors) {
    this.name = cursor.group();
    this.options = options;
    this.store = store;
    this.clock = clock;
    this.deadLetters = deadLetters;
    this.cursors = cursors;
    this.acked = cursor.acked();
    this.saved = cursor.acked();
    this.attempts = cursor.attempts();
    this.buffer =
        new SecondBuffer(options.secondCount(), options.secondBytes(), acked, persisted, clock);
  }

  String name() {
    return name;
  }

  long acked() {
    lock.lock();
    try {
      return acked;
    } finally {
      lock.unlock();
    }
  }

  /** Up to where the cursor is durable; what is after it is still needed on storage. */
  long saved() {
    lock.lock();
    try {
      return saved;
    } finally {
      lock.unlock();
    }
  }

  /** What has just become durable. */
  void admit(List<QueuedReport> persisted) {
    lock.lock();
    try {
      buffer.admit(persisted);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Starts a session; the one before ends. */
  long attach() {
    lock.lock();
    try {
      checkOpen();
      session++;
      attached = true;
      if (inFlight() > 0) {
        attempts = Math.max(1, attempts);
      }
      buffer.moveTo(acked);
      pinpointed = false;
      counted = false;
      changed.signalAll();
      return session;
    } finally {
      lock.unlock();
    }
  }

  ReportBatch poll(long caller, int most, long mostBytes, long waitNanos)
      throws InterruptedException {
    long deadline = System.nanoTime() + waitNanos;
    while (true) {
      Taken taken = null;
      Cursor attempt = null;
      lock.lockInterruptibly();
      try {
        if (!awaitNext(caller, deadline)) {
          return ReportBatch.EMPTY;
        }
        if (inFlight() == 0 && !counted) {
          attempts++;
          counted = true;
          attempt = cursor();
        } else {
          taken = buffer.take(allowed(most), mostBytes);
        }
      } finally {
        lock.unlock();
      }
      if (attempt != null) {
        beginAttempt(caller, attempt);
      } else if (taken instanceof Taken.Reports reports) {
        return batch(reports.reports());
      } else if (taken instanceof Taken.FromStorage wanted) {
        List<QueuedReport> read = read(caller, wanted);
        if (!read.isEmpty() && deliver(caller, wanted, read)) {
          return batch(read);
        }
      }
    }
  }

  /** Empty when retention took them meanwhile. */
  private List<QueuedReport> read(long caller, Taken.FromStorage wanted) {
    try {
      return store.read(wanted.first(), wanted.maxCount(), wanted.maxBytes());
    } catch (QueueException e) {
      lock.lock();
      try {
        check(caller);
        if (buffer.delivered() + 1 != wanted.first()) {
          return List.of();
        }
        pause(1);
      } finally {
        lock.unlock();
      }
      throw e;
    }
  }

  /** Gives the trouble time: whoever polls in a loop meets it again after this. */
  private void pause(long factor) {
    pausedAt = System.nanoTime();
    pauseNanos = options.redeliveryDelay().toNanos() * factor;
  }

  private boolean awaitNext(long caller, long deadline) throws InterruptedException {
    while (true) {
      check(caller);
      long now = System.nanoTime();
      long delay = pauseNanos == 0 ? 0 : pauseNanos - (now - pausedAt);
      if (buffer.hasNext() && inFlight() < credit() && delay <= 0) {
        return true;
      }
      long left = deadline - now;
      if (left <= 0) {
        return false;
      }
      changed.awaitNanos(delay > 0 ? Math.min(left, delay) : left);
    }
  }

  private long inFlight() {
    return buffer.delivered() - acked;
  }

  private boolean isolated() {
    return buffer.delivered() < isolatedUpTo;
  }

  private int credit() {
    return isolated() ? 1 : options.maxInFlight();
  }

  private int allowed(int most) {
    return (int) Math.min(most, credit() - inFlight());
  }

  private ReportBatch batch(List<QueuedReport> reports) {
    lock.lock();
    try {
      boolean head = reports.get(0).sequence() == acked + 1;
      return new ReportBatch(reports, head ? Math.max(1, attempts) : 1);
    } finally {
      lock.unlock();
    }
  }

  private boolean deliver(long caller, Taken.FromStorage wanted, List<QueuedReport> read) {
    lock.lock();
    try {
      check(caller);
      if (buffer.delivered() + 1 != wanted.first()) {
        return false; // moved on meanwhile, by retention
      }
      buffer.deliver(read);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** The head is about to be handed out: that is durable first, or it becomes a dead letter. */
  private void beginAttempt(long caller, Cursor head) {
    try {
      if (head.attempts() > options.maxAttempts()) {
        setAside(caller, head);
      } else {
        cursors.accept(this);
        isolateSuspects(caller, head);
      }
    } catch (QueueException e) {
      forgetAttempt(head);
      throw e;
    }
  }

  private void isolateSuspects(long caller, Cursor head) {
    lock.lock();
    try {
      if (caller == session && head.attempts() >= STARTS_UNTIL_ISOLATION && !pinpointed) {
        isolatedUpTo = Math.max(isolatedUpTo, acked + options.maxInFlight());
      }
    } finally {
      lock.unlock();
    }
  }

  private void forgetAttempt(Cursor head) {
    lock.lock();
    try {
      if (acked == head.acked() && attempts == head.attempts()) {
        attempts--;
        counted = false;
        pause(1);
      }
    } finally {
      lock.unlock();
    }
  }

  private void setAside(long caller, Cursor head) {
    long sequence = head.acked() + 1;
    QueuedReport report = store.read(sequence, 1, 1).get(0);
    deadLetters.accept(
        new DeadLetter(0, name, report, lastReason(), head.attempts() - 1, clock.instant()));
    lock.lock();
    try {
      check(caller);
      if (acked == head.acked()) {
        acked = sequence;
        attempts = 0;
        counted = !isolated();
        pinpointed = false;
        dirty = true;
        buffer.moveTo(acked);
      }
    } finally {
      lock.unlock();
    }
    cursors.accept(this);
  }

  private String lastReason() {
    lock.lock();
    try {
      return lastReason;
    } finally {
      lock.unlock();
    }
  }

  void ack(long caller, long upTo) {
    lock.lock();
    try {
      check(caller);
      if (upTo > buffer.delivered()) {
        throw new IllegalArgumentException(
            upTo + " was not delivered, only up to " + buffer.delivered());
      }
      if (upTo > acked) {
        advance(upTo);
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private void advance(long upTo) {
    acked = upTo;
    pinpointed = false;
    boolean out = buffer.delivered() > acked;
    attempts = out ? 1 : 0;
    counted = out || !isolated();
    dirty = true;
  }

  void reject(long caller, long sequence, String reason) {
    lock.lock();
    try {
      check(caller);
      if (sequence <= expiredUpTo) {
        // Retention took it while it was being processed; the consumer has dropped what follows.
        buffer.moveTo(acked);
        changed.signalAll();
        return;
      }
      if (sequence <= acked || sequence > buffer.delivered()) {
        throw new IllegalArgumentException(
            "%d is not in flight: acknowledged %d, delivered %d"
                .formatted(sequence, acked, buffer.delivered()));
      }
      if (sequence - 1 > acked) {
        advance(sequence - 1);
      }
      attempts = Math.max(1, attempts);
      counted = false;
      dirty = true;
      lastReason = reason;
      isolatedUpTo = Math.max(isolatedUpTo, sequence);
      pinpointed = true;
      long factor = Math.min(LONGEST_DELAY, 1L << Math.min(attempts - 1, 30));
      pause(factor);
      buffer.moveTo(acked);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends a session.
   *
   * @param attempted whether what is in flight counts as an attempt of the report at the head
   */
  void release(long caller, boolean attempted) {
    lock.lock();
    try {
      if (caller == session && attached) {
        attached = false;
        session++;
        if (!attempted && counted && attempts > 0 && inFlight() > 0) {
          attempts--;
          dirty = true;
        }
        counted = false;
        buffer.moveTo(acked);
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Retention took what is before this sequence. */
  void expireBefore(long sequence) {
    lock.lock();
    try {
      long target = Math.min(sequence - 1, buffer.admitted());
      if (target > acked) {
        expired += target - acked;
        expiredUpTo = target;
        acked = target;
        attempts = 0;
        counted = false;
        dirty = true;
        if (buffer.delivered() < acked) {
          buffer.moveTo(acked);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  boolean isDirty() {
    lock.lock();
    try {
      return dirty;
    } finally {
      lock.unlock();
    }
  }

  /** The cursor as it is; the group counts it as saved unless {@link #notSaved} follows. */
  Cursor takeCursor() {
    lock.lock();
    try {
      dirty = false;
      return cursor();
    } finally {
      lock.unlock();
    }
  }

  /** This cursor is durable. */
  void saved(Cursor cursor) {
    lock.lock();
    try {
      saved = cursor.acked();
    } finally {
      lock.unlock();
    }
  }

  /** The last cursor could not be saved. */
  void notSaved() {
    lock.lock();
    try {
      dirty = true;
    } finally {
      lock.unlock();
    }
  }

  private Cursor cursor() {
    return new Cursor(name, acked, attempts);
  }

  /** Ends all sessions, the waiting ones too, with this error. */
  void close(QueueException why) {
    lock.lock();
    try {
      if (closed == null) {
        closed = why;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void check(long caller) {
    checkOpen();
    if (caller != session) {
      throw new QueueException(
          Reason.REPLACED, "group " + name + " has a newer consumer, or this one was closed");
    }
  }

  private void checkOpen() {
    QueueException why = closed;
    if (why != null) {
      throw new QueueException(why.reason(), String.valueOf(why.getMessage()), why);
    }
  }

  GroupView view() {
    lock.lock();
    try {
      return new GroupView(
          name,
          acked,
          buffer.delivered(),
          buffer.admitted() - acked,
          attached,
          attempts,
          isolated(),
          expired,
          buffer.view());
    } finally {
      lock.unlock();
    }
  }
}
