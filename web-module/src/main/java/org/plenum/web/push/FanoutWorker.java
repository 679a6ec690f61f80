package org.plenum.web.push;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.update.Update;

/**
 * One fan-out thread with the groups that hash to it. Everything about those groups happens here in
 * the order of the stream, so a member that is removed gets nothing of what follows, and no lock is
 * needed. Items come by a queue from any thread; the work never blocks. What the thread works with
 * is confined to it: {@link LiveUpdates} applies the stream, {@link FanoutJoins} brings connections
 * in, {@link FanoutSender} queues frames and flushes, when {@link FlushPace} says so.
 */
final class FanoutWorker implements Runnable {
  private static final Logger LOG = Logger.getLogger(FanoutWorker.class.getName());
  private static final int ITEMS_PER_TURN = 4_096;
  private static final int AWAKE = 0;
  private static final int DOZING = 1;
  private static final int ASLEEP = 2;

  /** Work for the thread. */
  interface Item {
    void run(FanoutWorker worker);
  }

  private final Queue<Item> inbox = new ConcurrentLinkedQueue<>();
  private final AtomicInteger backlog = new AtomicInteger();
  private final FlushPace pace;
  private final RecentUpdates recent;
  private final FanoutGroups groups;
  private final FanoutSender sender;
  private final LiveUpdates live;
  private final FanoutJoins joins;

  /** Who wakes this thread: nobody, all but answers to writes, everybody. */
  private volatile int wakes = AWAKE;

  private volatile boolean running = true;
  private volatile @Nullable Thread thread;

  FanoutWorker(PushHub hub, PushConfig config) {
    this.pace = new FlushPace(config, System::nanoTime);
    this.recent = new RecentUpdates(config.recentUpdates(), config.recentBytes());
    this.sender = new FanoutSender(hub, pace);
    this.groups = new FanoutGroups(this);
    this.live = new LiveUpdates(hub, groups, sender, recent);
    this.joins = new FanoutJoins(hub, groups, sender, recent);
  }

  void post(Item item) {
    inbox.add(item);
    if (wakes != AWAKE) {
      LockSupport.unpark(thread);
    }
  }

  /**
   * Hands over the answer to a write. The write itself is on its way through the stream: the answer
   * waits a moment for it, and both leave in one flush.
   */
  void postAnswer(Item item) {
    inbox.add(item);
    if (wakes == ASLEEP) {
      LockSupport.unpark(thread);
    }
  }

  /** Hands over updates of this thread's groups; false when too many wait already. */
  boolean postUpdates(List<Update> updates, int limit) {
    if (backlog.get() > limit) {
      return false;
    }
    backlog.addAndGet(updates.size());
    post(worker -> worker.handleAll(updates));
    return true;
  }

  /** Updates that wait for this thread. */
  int backlog() {
    return backlog.get();
  }

  void stop() {
    running = false;
    LockSupport.unpark(thread);
  }

  @Override
  public void run() {
    thread = Thread.currentThread();
    while (running && !Thread.currentThread().isInterrupted()) {
      takeItems();
      if (sender.idle()) {
        sleep();
      } else {
        pause();
        takeItems();
        sender.flush();
      }
    }
  }

  /** Says after which revision this thread sees every update of its groups. */
  void startsAfter(long revision) {
    recent.startsAfter(revision);
  }

  /** Updates were lost: only what follows the revision is complete. */
  void restartAfter(long revision) {
    recent.restart(revision);
  }

  /** The heads known here are of updates that the database lost. */
  void forgetHeads() {
    groups.forgetHeads();
  }

  /** Ends everything this thread does for a connection. */
  void forget(PushConnection connection) {
    groups.forget(connection);
  }

  /** Applies the stream; for this thread's items. */
  LiveUpdates live() {
    return live;
  }

  /** Brings connections in; for this thread's items. */
  FanoutJoins joins() {
    return joins;
  }

  /** Queues and flushes; for this thread's items. */
  FanoutSender sender() {
    return sender;
  }

  /** Does everything that is there, without a pause; for tests that are their own thread. */
  void runOnce() {
    do {
      takeItems();
      sender.flush();
    } while (!inbox.isEmpty());
  }

  private void handleAll(List<Update> updates) {
    backlog.addAndGet(-updates.size());
    pace.updates(updates.size());
    live.handleAll(updates);
  }

  private void sleep() {
    wakes = ASLEEP;
    if (inbox.isEmpty() && running) {
      LockSupport.park(this);
    }
    wakes = AWAKE;
  }

  /** Waits until it is time to flush, taking in what comes meanwhile. */
  private void pause() {
    for (long wait = pace.untilFlush(); wait > 0 && running; wait = pace.untilFlush()) {
      if (!pace.urgent()) {
        wakes = DOZING;
        // Only an update ends this early, and one that has just come is not overlooked.
        takeItems();
        if (!pace.urgent()) {
          LockSupport.parkNanos(this, wait);
        }
        wakes = AWAKE;
      } else {
        LockSupport.parkNanos(this, wait);
      }
      takeItems();
      if (Thread.currentThread().isInterrupted()) {
        return;
      }
    }
  }

  private void takeItems() {
    for (int i = 0; i < ITEMS_PER_TURN; i++) {
      Item item = inbox.poll();
      if (item == null) {
        return;
      }
      try {
        item.run(this);
      } catch (RuntimeException | Error e) {
        LOG.log(Level.SEVERE, "a fan-out item failed; the thread goes on", e);
      }
    }
  }
}
