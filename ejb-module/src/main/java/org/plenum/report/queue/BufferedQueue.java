package org.plenum.report.queue;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

  /** Longest name of a group, in UTF-8 bytes. */
  public static final int MAX_GROUP_BYTES = 200;

  private final QueueOptions options;
  private final ReportStore store;
  private final Clock clock;
  private final FirstBuffer first;
  private final Map<String, ConsumerGroup> groups = new ConcurrentHashMap<>();
  private final LatencyHistogram flushes = new LatencyHistogram();
  private final AtomicLong appended = new AtomicLong();
  private final Thread flusher;

  /** Which groups there are, and up to where reports were offered to them. */
  private final Object membership = new Object();

  /** Held while a group comes or goes and while storage is given up: not in the middle of it. */
  private final Object retention = new Object();

  /** Held while cursors are written: a later write never carries an earlier position. */
  private final Object cursors = new Object();

  private final Object letters = new Object();
  private final Set<Long> replaying = ConcurrentHashMap.newKeySet();
  private final Instant startedAt;
  private final long started = System.nanoTime();
  private volatile List<FirstBuffer.Push> flushing = List.of();
  private long persisted;
  private int lastBatch = 1;
  private long lastHousekeeping = System.nanoTime();
  private long refuseUntil;
  private String lastTrouble = "";
  private volatile @Nullable QueueException failing;
  private volatile boolean journalFull;

  private BufferedQueue(
      ReportStore store, ReportStore.Contents found, QueueOptions options, Clock clock) {
    this.store = store;
    this.options = options;
    this.clock = clock;
    this.startedAt = clock.instant();
    this.first = new FirstBuffer(options.firstCount(), options.firstBytes());
    this.persisted = found.last();
    for (Cursor cursor : found.cursors()) {
      boolean behind = cursor.acked() < found.first() - 1;
      Cursor usable = behind ? new Cursor(cursor.group(), found.first() - 1, 0) : cursor;
      groups.put(cursor.group(), groupOf(usable));
    }
    this.flusher = new Thread(this::run, "report-queue-flusher");
    flusher.setDaemon(true);
  }

  /**
   * Takes ownership of the storage, recovers it and starts.
   *
   * @throws QueueException IN_USE, DAMAGED, STORAGE_FAILED
   */
  public static BufferedQueue open(ReportStore store, QueueOptions options, Clock clock) {
    ReportStore.Contents found = store.open();
    boolean started = false;
    try {
      BufferedQueue queue = new BufferedQueue(store, found, options, clock);
      queue.flusher.start();
      started = true;
      return queue;
    } finally {
      if (!started) {
        store.close();
      }
    }
  }

  private ConsumerGroup groupOf(Cursor cursor) {
    return new ConsumerGroup(
        cursor, persisted, options, store, clock, this::setAside, this::saveCursor);
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
      throw new QueueException(Reason.FULL, fullText());
    }
    QueueException broken = failing;
    if (broken != null && isFinal(broken)) {
      throw new QueueException(broken.reason(), String.valueOf(broken.getMessage()), broken);
    }
    return first.push(reports, wait.toNanos());
  }

  private String fullText() {
    return "the journal has reached its size of "
        + options.journalBytes()
        + " bytes; it shrinks when all groups have acknowledged its oldest part";
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
   * @throws IllegalArgumentException when the name is empty or too long
   */
  public void addGroup(String name, boolean fromOldest) {
    int length = name.getBytes(StandardCharsets.UTF_8).length;
    if (length < 1 || length > MAX_GROUP_BYTES) {
      throw new IllegalArgumentException(
          "the name of a group has 1 to " + MAX_GROUP_BYTES + " bytes of UTF-8");
    }
    synchronized (retention) {
      if (groups.containsKey(name)) {
        return;
      }
      if (groups.size() >= options.maxGroups()) {
        throw new QueueException(
            Reason.FULL, "there are already " + groups.size() + " consumer groups");
      }
      Cursor start =
          new Cursor(name, fromOldest ? Math.max(0, store.view().first() - 1) : persisted(), 0);
      synchronized (cursors) {
        store.saveCursors(List.of(start));
      }
      synchronized (membership) {
        groups.put(name, groupOf(start));
      }
    }
  }

  private long persisted() {
    synchronized (membership) {
      return persisted;
    }
  }

  /** Forgets a group; nothing is kept for it any more. */
  public void removeGroup(String name) {
    synchronized (retention) {
      ConsumerGroup group = groups.get(name);
      if (group != null) {
        group.close(new QueueException(Reason.CLOSED, "group " + name + " was removed"));
        synchronized (cursors) {
          groups.remove(name);
          store.removeCursor(name);
        }
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
   * key, and removes the letter when that is durable. A crash between the two leaves the letter.
   *
   * @throws IllegalArgumentException when there is no such dead letter, or it is being replayed
   */
  public CompletableFuture<Appended> replay(long id, Duration wait) throws InterruptedException {
    if (!replaying.add(id)) {
      throw new IllegalArgumentException("dead letter " + id + " is being replayed");
    }
    CompletableFuture<Appended> pushed = null;
    try {
      List<DeadLetter> found = store.deadLetters(id - 1, 1);
      if (found.isEmpty() || found.get(0).id() != id) {
        throw new IllegalArgumentException("no dead letter " + id);
      }
      pushed = append(found.get(0).report().report(), wait);
    } finally {
      if (pushed == null) {
        replaying.remove(id);
      }
    }
    return pushed
        .thenApplyAsync(
            done -> {
              removeReplayed(id);
              return done;
            })
        .whenComplete((done, failure) -> replaying.remove(id));
  }

  /**
   * The report is pushed: that its letter stays, to be discarded by hand, changes nothing of it.
   */
  private void removeReplayed(long id) {
    try {
      store.removeDeadLetter(id);
    } catch (QueueException e) {
      LOG.log(System.Logger.Level.WARNING, "dead letter " + id + " was replayed, and stays", e);
    }
  }

  /** Removes a dead letter; false when there is none of this number. */
  public boolean discardDeadLetter(long id) {
    return store.removeDeadLetter(id);
  }

  private void setAside(DeadLetter letter) {
    synchronized (letters) {
      int count = store.deadLetterCount();
      if (count >= options.maxDeadLetters()) {
        throw new QueueException(
            Reason.DEAD_LETTERS_FULL, "there are already " + count + " dead letters");
      }
      store.addDeadLetter(letter);
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

  /**
   * Why this queue takes and gives nothing any more, null while it does: another node took its
   * storage over, it was closed, or its flusher met a fault. It does not come back; after {@link
   * #close} the storage can be opened anew.
   */
  public @Nullable QueueException ended() {
    QueueException broken = failing;
    return broken != null && isFinal(broken) ? broken : null;
  }

  private static boolean isFinal(QueueException broken) {
    return broken.reason() == Reason.FENCED || broken.reason() == Reason.CLOSED;
  }

  /** The state now. */
  public QueueView view() {
    QueueException broken = failing;
    String trouble = broken == null ? null : broken.getMessage();
    return new QueueView(
        first.count(),
        first.bytes(),
        appended.get(),
        store.deadLetterCount(),
        store.view(),
        flushes.snapshot(),
        trouble == null && journalFull ? fullText() : trouble,
        groups.values().stream().map(ConsumerGroup::view).toList());
  }

  private void run() {
    QueueException end = new QueueException(Reason.CLOSED, "the queue is closed");
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
      LOG.log(System.Logger.Level.WARNING, "the flusher was interrupted", e);
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, "the flusher ended", e);
      end = new QueueException(Reason.CLOSED, "the queue ended by a fault: " + e, e);
    } finally {
      shutDown(end);
    }
  }

  /** The end of the flusher, whatever ended it: nobody waits for an answer that cannot come. */
  private void shutDown(QueueException closed) {
    QueueException broken = failing;
    if (broken == null || !isFinal(broken)) {
      failing = closed;
    }
    first.close();
    first.refuse(closed);
    groups.values().forEach(group -> group.close(closed));
    try {
      saveCursors();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "cursors were not saved; reports will come again", e);
    } finally {
      store.close();
    }
  }

  private void flush(List<FirstBuffer.Push> pushes) {
    flushing = pushes;
    try {
      QueueException broken = failing;
      if (broken != null && (isFinal(broken) || System.nanoTime() - refuseUntil < 0)) {
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
    } catch (RuntimeException | Error e) {
      refuse(pushes, e);
    } finally {
      flushing = List.of();
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

  private void refuse(List<FirstBuffer.Push> pushes, Throwable cause) {
    QueueException known =
        cause instanceof QueueException queue
            ? queue
            : new QueueException(Reason.STORAGE_FAILED, "the storage failed: " + cause, cause);
    if (failing != known) {
      LOG.log(System.Logger.Level.ERROR, "reports cannot be made durable", known);
      refuseUntil = System.nanoTime() + options.failurePause().toNanos();
      failing = known;
    }
    if (known.reason() == Reason.FENCED) {
      groups.values().forEach(group -> group.close(known)); // another node serves them now
    }
    for (FirstBuffer.Push push : pushes) {
      push.answer().completeExceptionally(known);
    }
  }

  /** What is to be done now and then: each of it although the rest fails. */
  private void housekeeping() {
    lastHousekeeping = System.nanoTime();
    QueueException broken = failing;
    if (broken != null && broken.reason() == Reason.FENCED) {
      return; // nothing of it is ours any more
    }
    attempt("cursors were not saved", this::saveCursors);
    attempt("old reports were not given up", this::retain);
    attempt("the ownership was not renewed", store::tick);
  }

  private void attempt(String failure, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      if (e instanceof QueueException known && known.reason() == Reason.FENCED) {
        refuse(List.of(), known);
      }
      String trouble = failure + ": " + e.getMessage();
      if (!trouble.equals(lastTrouble)) { // it is tried many times a second
        lastTrouble = trouble;
        LOG.log(System.Logger.Level.WARNING, failure, e);
      }
    }
  }

  /** For one group, at once; by the thread of its consumer. */
  private void saveCursor(ConsumerGroup group) {
    saveCursors(List.of(group));
  }

  private void saveCursors() {
    saveCursors(groups.values().stream().filter(ConsumerGroup::isDirty).toList());
  }

  private void saveCursors(List<ConsumerGroup> changed) {
    if (changed.isEmpty()) {
      return;
    }
    synchronized (cursors) {
      Map<ConsumerGroup, Cursor> taken = new LinkedHashMap<>();
      for (ConsumerGroup group : changed) {
        if (groups.get(group.name()) == group) { // else it was removed: nothing of it comes back
          taken.put(group, group.takeCursor());
        }
      }
      if (taken.isEmpty()) {
        return;
      }
      boolean saved = false;
      try {
        store.saveCursors(taken.values());
        saved = true;
      } finally {
        if (saved) {
          taken.forEach(ConsumerGroup::saved);
        } else {
          taken.keySet().forEach(ConsumerGroup::notSaved);
        }
      }
    }
  }

  private void retain() {
    synchronized (retention) {
      try {
        expire();
        discard();
      } finally {
        // what has been acknowledged by all does not fill it, even where it cannot be freed yet
        journalFull =
            !options.expireWhenFull()
                && store.view().bytes() > options.journalBytes()
                && done() < persisted();
      }
    }
  }

  private void expire() {
    boolean full = options.expireWhenFull() && store.view().bytes() > options.journalBytes();
    boolean ages = !options.retention().isZero();
    if (!ages && !full) {
      return;
    }
    Instant oldest = ages ? steadyNow().minus(options.retention()) : Instant.MIN;
    long most = options.expireWhenFull() ? options.journalBytes() : Long.MAX_VALUE;
    long horizon = store.horizon(oldest, most);
    groups.values().forEach(group -> group.expireBefore(horizon));
    if (groups.isEmpty()) {
      store.discard(horizon);
    }
  }

  private void discard() {
    long done = done();
    if (done > 0) {
      store.discard(done + 1);
    }
  }

  /** Up to where no group needs the storage any more, not even after a crash. */
  private long done() {
    return groups.values().stream().mapToLong(ConsumerGroup::saved).min().orElse(0);
  }

  /** A clock that is set forward while the queue runs makes no report old. */
  private Instant steadyNow() {
    Instant steady = startedAt.plusNanos(System.nanoTime() - started);
    Instant now = clock.instant();
    return now.isBefore(steady) ? now : steady;
  }

  /**
   * Makes durable what was pushed, then stops. Later calls do nothing. When the storage does not
   * answer within the wait of the options, producers get an error, and the storage stays in use
   * until it does.
   */
  @Override
  public void close() {
    first.close();
    boolean interrupted = false;
    long deadline = System.nanoTime() + options.closeWait().toNanos();
    long left = deadline - System.nanoTime();
    while (flusher.isAlive() && left > 0) {
      try {
        flusher.join(Duration.ofNanos(left));
      } catch (InterruptedException e) {
        interrupted = true;
      }
      left = deadline - System.nanoTime();
    }
    if (flusher.isAlive()) {
      abandon();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void abandon() {
    LOG.log(
        System.Logger.Level.ERROR,
        "the storage of the report queue has not answered for {0}; it is closed when it does",
        options.closeWait());
    QueueException unknown =
        new QueueException(
            Reason.STORAGE_FAILED, "the queue was closed while its storage did not answer");
    first.refuse(new QueueException(Reason.CLOSED, "the queue is closed"));
    flushing.forEach(push -> push.answer().completeExceptionally(unknown));
    groups
        .values()
        .forEach(group -> group.close(new QueueException(Reason.CLOSED, "the queue is closed")));
  }
}
