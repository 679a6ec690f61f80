package org.plenum.update;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ServiceException;

/**
 * Puts updates into the one order (decision 1). One thread runs {@link #run()}: it applies revision
 * {@code last + 1}, drops what is already applied, keeps a bounded number of early ones, and reads
 * the log when a gap stays, when its inbox overflowed, and on every poll. {@link #offer} may be
 * called by any thread and never blocks.
 *
 * <p>The log must still hold the last update that was applied: this is looked at with every poll
 * and before the first update of a later epoch is applied. A database that lost it, by a promotion
 * or a restore, has another history, and listeners start afresh.
 */
public final class OrderedUpdateStream implements UpdateStream, UpdateInbox {
  private static final Logger LOG = Logger.getLogger(OrderedUpdateStream.class.getName());

  private final UpdateLog log;
  private final BlockingQueue<List<Update>> inbox;
  private final int earlyLimit;
  private final int catchUpBatch;
  private final long pollMillis;
  private final List<UpdateListener> listeners = new CopyOnWriteArrayList<>();
  private final TreeMap<Long, Update> early = new TreeMap<>();
  private final Object subscribing = new Object();

  private volatile long applied;

  /** The update with the applied revision, null while it is not known. */
  private @Nullable Update last;

  /**
   * When the inbox stopped being empty, 0 while nothing waits; a race costs a reading, no update.
   */
  private volatile long behindSince;

  private volatile boolean overflowed;
  private volatile boolean running;
  private final AtomicLong catchUps = new AtomicLong();

  /**
   * A stream that is not started yet.
   *
   * @param inboxBatches batches that wait at most; more are dropped and read from the log
   * @param earlyLimit updates ahead of a gap that are kept
   * @param catchUpBatch updates read from the log at a time
   * @param pollMillis how long a silent gap can last
   */
  public OrderedUpdateStream(
      UpdateLog log, int inboxBatches, int earlyLimit, int catchUpBatch, long pollMillis) {
    this.log = log;
    this.inbox = new ArrayBlockingQueue<>(inboxBatches);
    this.earlyLimit = earlyLimit;
    this.catchUpBatch = catchUpBatch;
    this.pollMillis = pollMillis;
  }

  /** Sets where the stream starts; call before {@link #run()}. */
  public void startAt(long revision) {
    applied = revision;
  }

  @Override
  public long subscribe(UpdateListener listener) {
    // Under the lock that deliveries take: the listener sees exactly the updates after the answer.
    synchronized (subscribing) {
      listeners.add(listener);
      return applied;
    }
  }

  @Override
  public long appliedRevision() {
    return applied;
  }

  /** How often the log was read because of a gap, an overflow or a poll that found something. */
  public long catchUps() {
    return catchUps.get();
  }

  @Override
  public long lagMillis() {
    long since = behindSince;
    return since == 0 ? 0 : TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
  }

  /** Batches that wait. */
  public int depth() {
    return inbox.size();
  }

  @Override
  public void offer(List<Update> updates) {
    if (updates.isEmpty()) {
      return;
    }
    if (behindSince == 0) {
      behindSince = System.nanoTime();
    }
    if (!inbox.offer(updates)) {
      overflowed = true;
    }
  }

  /** Asks the loop to end; interrupt its thread as well. */
  public void stop() {
    running = false;
  }

  /** The stream's loop; ends after {@link #stop()}. */
  public void run() {
    running = true;
    long pollNanos = TimeUnit.MILLISECONDS.toNanos(pollMillis);
    long nextPoll = System.nanoTime() + pollNanos;
    while (running) {
      try {
        long wait = Math.max(0, nextPoll - System.nanoTime());
        List<Update> batch = inbox.poll(early.isEmpty() ? wait : 0, TimeUnit.NANOSECONDS);
        if (batch != null) {
          accept(batch);
        }
        if (behindSince != 0 && !overflowed && inbox.isEmpty() && early.isEmpty()) {
          behindSince = 0;
        }
        boolean stuck = !early.isEmpty() && inbox.isEmpty();
        if (overflowed || stuck || System.nanoTime() - nextPoll >= 0) {
          overflowed = false;
          catchUp();
          nextPoll = System.nanoTime() + pollNanos;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (ServiceException e) {
        // The log is away: what is in the inbox still flows, the gap is tried again at the next
        // poll.
        LOG.log(Level.WARNING, "catch-up failed, next try in " + pollMillis + " ms", e);
        nextPoll = System.nanoTime() + pollNanos;
        if (!early.isEmpty()) {
          early.clear();
        }
      } catch (RuntimeException | Error e) {
        LOG.log(Level.SEVERE, "the update stream met a fault and goes on with the next poll", e);
        early.clear();
        nextPoll = System.nanoTime() + pollNanos;
      }
    }
  }

  private void accept(List<Update> batch) {
    if (laterEpoch(batch) && !sameHistory()) {
      return;
    }
    Deque<Update> next = new ArrayDeque<>(batch.size());
    long end = applied;
    for (Update update : batch) {
      if (update.revision() == end + 1) {
        next.add(update);
        end = update.revision();
      } else if (update.revision() > end + 1) {
        keepEarly(update);
      }
    }
    for (Map.Entry<Long, Update> first = early.firstEntry();
        first != null && first.getKey() <= end + 1;
        first = early.firstEntry()) {
      if (first.getKey() == end + 1) {
        next.add(first.getValue());
        end++;
      }
      early.pollFirstEntry();
    }
    deliver(new ArrayList<>(next));
  }

  /** Whether the batch may be the first that another writer wrote; epochs grow with revisions. */
  private boolean laterEpoch(List<Update> batch) {
    return last != null && !batch.isEmpty() && batch.getLast().epoch() > last.epoch();
  }

  /** Whether the log still holds what was applied last; if not, everything starts afresh. */
  private boolean sameHistory() {
    Update known = last;
    return known == null || isSame(known, log.after(known.revision() - 1, 1));
  }

  private boolean isSame(Update known, List<Update> found) {
    boolean same =
        !found.isEmpty()
            && (found.getFirst().revision() > known.revision()
                || (found.getFirst().epoch() == known.epoch()
                    && found.getFirst().group().equals(known.group())
                    && found.getFirst().seq() == known.seq()));
    if (!same) {
      startAfresh(known);
    }
    return same;
  }

  private void startAfresh(Update known) {
    long end = log.lastRevision();
    LOG.severe(
        () ->
            "the database lost updates up to "
                + known.revision()
                + " that were given out: all caches and sockets of this node start afresh after "
                + end);
    early.clear();
    synchronized (subscribing) {
      applied = end;
      last = null;
      for (UpdateListener listener : listeners) {
        try {
          listener.onAnotherHistory(end);
        } catch (RuntimeException | Error e) {
          LOG.log(Level.SEVERE, "an update listener failed: " + listener.getClass(), e);
        }
      }
    }
  }

  private void keepEarly(Update update) {
    if (early.size() < earlyLimit) {
      early.put(update.revision(), update);
    } else {
      overflowed = true;
    }
  }

  private void catchUp() {
    while (running) {
      // With the one before, which must be what was applied last.
      List<Update> found = log.after(applied - 1, catchUpBatch + 1);
      if (last != null && !isSame(last, found)) {
        return;
      }
      if (!found.isEmpty() && found.getFirst().revision() == applied) {
        last = found.getFirst();
        found = found.subList(1, found.size());
      }
      if (found.isEmpty()) {
        // An update is offered after its commit, so what waits here and is not in the log is not of
        // this database.
        early.clear();
        return;
      }
      catchUps.incrementAndGet();
      long first = found.getFirst().revision();
      if (first != applied + 1) {
        LOG.warning(
            () ->
                "the update log starts at "
                    + first
                    + " but "
                    + (applied + 1)
                    + " is needed: going on from there, caches reload");
        synchronized (subscribing) {
          applied = first - 1;
          last = null;
        }
      }
      if (found.stream().anyMatch(Update::changedLater)) {
        // Asked for after they were read: they cannot be newer than that.
        tellOfLateReading(log.lastRevision());
      }
      accept(found);
      if (found.size() < catchUpBatch) {
        return;
      }
    }
  }

  private void tellOfLateReading(long revision) {
    synchronized (subscribing) {
      for (UpdateListener listener : listeners) {
        try {
          listener.onLateReading(revision);
        } catch (RuntimeException | Error e) {
          LOG.log(Level.SEVERE, "an update listener failed: " + listener.getClass(), e);
        }
      }
    }
  }

  private void deliver(List<Update> updates) {
    if (updates.isEmpty()) {
      return;
    }
    synchronized (subscribing) {
      for (UpdateListener listener : listeners) {
        try {
          listener.onUpdates(updates);
        } catch (RuntimeException | Error e) {
          LOG.log(Level.SEVERE, "an update listener failed: " + listener.getClass(), e);
        }
      }
      last = updates.getLast();
      applied = updates.getLast().revision();
    }
  }
}
