package org.plenum.report.queue;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.plenum.report.queue.QueueException.Reason;

/**
 * A durable queue at memory speed (QUE-1 to QUE-9). Producers push into a bounded first buffer; one
 * flusher writes what waits there to the storage in one go, and only then answers the producers and
 * offers it to the second buffer of each consumer group. A group that keeps up is served from
 * memory; one that does not is served from storage, in order, until it has caught up.
 *
 * <p>An answered push is on storage. One that failed may be: its producer pushes again, and
 * consumers recognise it by its key. Each group gets every report at least once, in order; again
 * only what it had not acknowledged durably.
 *
 * <p>Producers and consumers are threads of this process; other processes come through whatever
 * this process opens for them. Thread-safe.
 */
public final class BufferedQueue implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(BufferedQueue.class.getName());

  private final QueueOptions options;
  private final ReportStore store;
  private final Clock clock;
  private final FirstBuffer first;
  private final Map<String, ConsumerGroup> groups = new ConcurrentHashMap<>();
  private final LatencyHistogram flushes = new LatencyHistogram();
  private final AtomicLong appended = new AtomicLong();
  private final Thread flusher;
  private final Object membership = new Object();
  private long persisted;
  private int deadLetters;
  private int lastBatch = 1;
  private long lastHousekeeping = System.nanoTime();
  private long refuseUntil;
  private volatile @Nullable QueueException failing;
  private volatile boolean journalFull;

  private BufferedQueue(ReportStore store, QueueOptions options, Clock clock) {
    this.store = store;
    this.options = options;
    this.clock = clock;
    this.first = new FirstBuffer(options.firstCount(), options.firstBytes());
    ReportStore.Contents found = store.open();
    this.persisted = found.last();
    for (Cursor cursor : found.cursors()) {
      boolean behind = cursor.acked() < found.first() - 1;
      Cursor usable = behind ? new Cursor(cursor.group(), found.first() - 1, 0) : cursor;
      groups.put(cursor.group(), groupOf(usable));
    }
    this.deadLetters = store.deadLetters(0, Integer.MAX_VALUE).size();
    this.flusher = new Thread(this::run, "report-queue-flusher");
    flusher.setDaemon(true);
  }

  /**
   * Takes ownership of the storage, recovers it and starts.
   *
   * @throws QueueException IN_USE, DAMAGED, STORAGE_FAILED
   */
  public static BufferedQueue open(ReportStore store, QueueOptions options, Clock clock) {
    BufferedQueue queue = new BufferedQueue(store, options, clock);
    queue.flusher.start();
    return queue;
  }

  private ConsumerGroup groupOf(Cursor cursor) {
    return new ConsumerGroup(cursor, persisted, options, store, clock, this::setAside);
  }

  /**
   * Pushes reports that are to follow each other. The answer comes when they are durable, or with a
   * {@link QueueException}; it is completed by the flusher, so whatever is chained to it must be
   * short and must not wait.
   *
   * @param wait how long to wait for room
   * @throws QueueException FULL when there was no room in time; CLOSED; FENCED
   * @throws IllegalArgumentException when there are none, or more than the first buffer could hold
   */
  public CompletableFuture<Appended> append(List<Report> reports, Duration wait)
      throws InterruptedException {
    if (journalFull) {
      throw new QueueException(
          Reason.FULL,
          "the journal has reached its size of "
              + options.journalBytes()
              + " bytes; it shrinks when all groups have acknowledged its oldest part");
    }
    QueueException broken = failing;
    if (broken != null && broken.reason() == Reason.FENCED) {
      throw broken;
    }
    return first.push(reports, wait.toNanos());
  }

  /** Pushes one report; as {@link #append(List, Duration)}. */
  public CompletableFuture<Appended> append(Report report, Duration wait)
      throws InterruptedException {
    return append(List.of(report), wait);
  }

  /**
   * Makes sure that a group exists: from its making on, reports are kept for it.
   *
   * @param fromOldest whether a new group begins with the oldest report that is kept, or with the
   *     next one to come
   * @throws QueueException FULL when there are as many groups as there may be
   */
  public void addGroup(String name, boolean fromOldest) {
    synchronized (membership) {
      if (groups.containsKey(name)) {
        return;
      }
      if (groups.size() >= options.maxGroups()) {
        throw new QueueException(
            Reason.FULL, "there are already " + groups.size() + " consumer groups");
      }
      Cursor start =
          new Cursor(name, fromOldest ? Math.max(0, store.view().first() - 1) : persisted, 0);
      store.saveCursors(List.of(start));
      groups.put(name, groupOf(start));
    }
  }

  /** Forgets a group; nothing is kept for it any more. */
  public void removeGroup(String name) {
    synchronized (membership) {
      ConsumerGroup group = groups.remove(name);
      if (group != null) {
        group.close();
        store.removeCursor(name);
      }
    }
  }

  /**
   * The consumer of a group, from where the group is; an earlier one is replaced.
   *
   * @throws IllegalArgumentException when there is no such group
   */
  public ReportConsumer consumer(String group) {
    ConsumerGroup found = groups.get(group);
    if (found == null) {
      throw new IllegalArgumentException("no consumer group " + group);
    }
    return new ReportConsumer(found, found.attach());
  }

  /** Dead letters of all groups with a higher number than this, oldest first. */
  public List<DeadLetter> deadLetters(long after, int most) {
    return store.deadLetters(after, most);
  }

  /**
   * Pushes the report of a dead letter again, as a new report to all groups, which know it by its
   * key, and removes the letter when that is durable.
   *
   * @throws IllegalArgumentException when there is no such dead letter
   */
  public CompletableFuture<Appended> replay(long id, Duration wait) throws InterruptedException {
    List<DeadLetter> letters = store.deadLetters(id - 1, 1);
    if (letters.isEmpty() || letters.get(0).id() != id) {
      throw new IllegalArgumentException("no dead letter " + id);
    }
    return append(letters.get(0).report().report(), wait)
        .thenApplyAsync(
            done -> {
              discardDeadLetter(id);
              return done;
            });
  }

  /** Removes a dead letter; false when there is none of this number. */
  public boolean discardDeadLetter(long id) {
    synchronized (membership) {
      boolean removed = store.removeDeadLetter(id);
      if (removed) {
        deadLetters--;
      }
      return removed;
    }
  }

  private void setAside(DeadLetter letter) {
    synchronized (membership) {
      if (deadLetters >= options.maxDeadLetters()) {
        throw new QueueException(
            Reason.DEAD_LETTERS_FULL, "there are already " + deadLetters + " dead letters");
      }
      store.addDeadLetter(letter);
      deadLetters++;
    }
    LOG.log(
        System.Logger.Level.WARNING,
        "report {0} of {1} is a dead letter of group {2} after {3} attempts: {4}",
        letter.report().sequence(),
        letter.report().report().source(),
        letter.group(),
        letter.attempts(),
        letter.reason());
  }

  /** The state now. */
  public QueueView view() {
    QueueException broken = failing;
    synchronized (membership) {
      return new QueueView(
          first.count(),
          first.bytes(),
          appended.get(),
          deadLetters,
          store.view(),
          flushes.snapshot(),
          broken == null ? null : broken.getMessage(),
          groups.values().stream().map(ConsumerGroup::view).toList());
    }
  }

  private void run() {
    try {
      while (!first.isDrained()) {
        List<FirstBuffer.Push> pushes =
            first.drain(
                options.batchCount(),
                options.batchBytes(),
                lastBatch,
                options.linger().toNanos(),
                options.cursorInterval().toNanos());
        if (!pushes.isEmpty()) {
          flush(pushes);
        }
        if (System.nanoTime() - lastHousekeeping >= options.cursorInterval().toNanos()) {
          housekeeping();
        }
      }
    } catch (InterruptedException e) {
      LOG.log(System.Logger.Level.DEBUG, "the flusher was interrupted", e);
    } finally {
      first.close();
    }
  }

  private void flush(List<FirstBuffer.Push> pushes) {
    try {
      QueueException broken = failing;
      if (broken != null && System.nanoTime() - refuseUntil < 0) {
        throw broken;
      }
      List<QueuedReport> batch = numbered(pushes);
      long start = System.nanoTime();
      store.append(batch);
      flushes.observe(System.nanoTime() - start);
      failing = null;
      lastBatch = batch.size();
      admit(batch);
      answer(pushes);
    } catch (RuntimeException e) {
      refuse(pushes, e);
    } finally {
      first.release(pushes);
    }
  }

  private List<QueuedReport> numbered(List<FirstBuffer.Push> pushes) {
    int count = 0;
    for (FirstBuffer.Push push : pushes) {
      count += push.reports().size();
    }
    List<QueuedReport> batch = new ArrayList<>(count);
    long now = clock.millis();
    long sequence = persisted;
    for (FirstBuffer.Push push : pushes) {
      for (Report report : push.reports()) {
        batch.add(new QueuedReport(++sequence, now, report));
      }
    }
    return batch;
  }

  private void admit(List<QueuedReport> batch) {
    synchronized (membership) {
      persisted += batch.size();
      for (ConsumerGroup group : groups.values()) {
        group.admit(batch);
      }
    }
    appended.addAndGet(batch.size());
  }

  private void answer(List<FirstBuffer.Push> pushes) {
    long sequence = persisted;
    for (FirstBuffer.Push push : pushes) {
      sequence -= push.reports().size();
    }
    for (FirstBuffer.Push push : pushes) {
      long last = sequence + push.reports().size();
      push.answer().complete(new Appended(sequence + 1, last));
      sequence = last;
    }
  }

  private void refuse(List<FirstBuffer.Push> pushes, RuntimeException cause) {
    QueueException known =
        cause instanceof QueueException queue
            ? queue
            : new QueueException(Reason.STORAGE_FAILED, "the storage failed: " + cause, cause);
    if (failing != known) {
      LOG.log(System.Logger.Level.ERROR, "reports cannot be made durable", known);
      refuseUntil = System.nanoTime() + options.failurePause().toNanos();
      failing = known;
    }
    for (FirstBuffer.Push push : pushes) {
      push.answer().completeExceptionally(known);
    }
  }

  /** What is to be done now and then: cursors, retention, the ownership. */
  private void housekeeping() {
    lastHousekeeping = System.nanoTime();
    try {
      saveCursors();
      retain();
      store.tick();
    } catch (RuntimeException e) {
      if (e instanceof QueueException known && known.reason() == Reason.FENCED) {
        refuse(List.of(), known);
      }
      LOG.log(System.Logger.Level.WARNING, "housekeeping of the report queue failed", e);
    }
  }

  private void saveCursors() {
    List<Cursor> dirty = new ArrayList<>();
    List<ConsumerGroup> taken = new ArrayList<>();
    for (ConsumerGroup group : groups.values()) {
      Cursor cursor = group.takeDirty();
      if (cursor != null) {
        dirty.add(cursor);
        taken.add(group);
      }
    }
    if (dirty.isEmpty()) {
      return;
    }
    try {
      store.saveCursors(dirty);
    } catch (RuntimeException e) {
      taken.forEach(ConsumerGroup::markDirty);
      throw e;
    }
  }

  private void retain() {
    Collection<ConsumerGroup> all = groups.values();
    boolean tooLarge = store.view().bytes() > options.journalBytes();
    boolean ages = !options.retention().isZero();
    if (ages || (tooLarge && options.expireWhenFull())) {
      Instant oldest = ages ? clock.instant().minus(options.retention()) : Instant.MIN;
      long most = options.expireWhenFull() ? options.journalBytes() : Long.MAX_VALUE;
      long horizon = store.horizon(oldest, most);
      all.forEach(group -> group.expireBefore(horizon));
      if (all.isEmpty()) {
        store.discard(horizon);
      }
    }
    long done = all.stream().mapToLong(ConsumerGroup::acked).min().orElse(0);
    if (done > 0) {
      store.discard(done + 1);
    }
    journalFull = !options.expireWhenFull() && store.view().bytes() > options.journalBytes();
  }

  /** Makes durable what was pushed, then stops. Later calls do nothing. */
  @Override
  public void close() {
    first.close();
    boolean interrupted = false;
    while (flusher.isAlive()) {
      try {
        flusher.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    groups.values().forEach(ConsumerGroup::close);
    try {
      saveCursors();
    } catch (QueueException e) {
      LOG.log(System.Logger.Level.WARNING, "cursors were not saved; reports will come again", e);
    }
    store.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
