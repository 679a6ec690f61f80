package org.plenum.web.push;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupQueryService;
import org.plenum.group.api.GroupQueryService.Subscriptions;
import org.plenum.group.api.HistoryPage;
import org.plenum.group.api.MyGroup;
import org.plenum.group.api.ReadPoint;
import org.plenum.platform.ServiceException;

/**
 * Reads what a connection's account follows and what its client has missed, and hands both to the
 * fan-out threads. A reader that is behind the client, or behind what the threads remember, is
 * asked again, a bounded number of times. Thread-safe.
 */
final class PushJoins {
  private static final int MAX_JOIN_ATTEMPTS = 60;
  private static final Duration JOIN_RETRY = Duration.ofMillis(50);

  /** Attempts of a client that is ahead count as many as the time between them has room for. */
  private static final int AHEAD_WEIGHT = (int) SocketWatch.TICK.dividedBy(JOIN_RETRY);

  private static final Duration MAX_LAG = Duration.ofSeconds(1);

  private final PushConfig config;
  private final String node;
  private final GroupQueryService queries;
  private final BackgroundReads reads;
  private final FanoutThreads threads;
  private final LongSupplier lagMillis;

  /** Joins of clients that have seen more than there is here; the timer tries them again. */
  private final Queue<Join> ahead = new ConcurrentLinkedQueue<>();

  /**
   * Joins.
   *
   * @param node this node's name as clients see it
   * @param lagMillis how long something has waited to be applied by the reader
   */
  PushJoins(
      PushConfig config,
      String node,
      GroupQueryService queries,
      BackgroundReads reads,
      FanoutThreads threads,
      LongSupplier lagMillis) {
    this.config = config;
    this.node = node;
    this.queries = queries;
    this.reads = reads;
    this.threads = threads;
    this.lagMillis = lagMillis;
  }

  /** Reads what the connection's account follows and joins it to the live stream. */
  void join(PushConnection connection, Map<GroupId, Long> resume, long position) {
    Join join = new Join(connection, connection.startJoin(), resume, position);
    reads.read(
        () -> readAndJoin(join), () -> connection.close(CloseCode.TRY_AGAIN_LATER, "busy", null));
  }

  /** A fan-out thread no longer knows what came since the read: it is made again, once. */
  void again(Join join) {
    if (!join.repeated().compareAndSet(false, true)) {
      return;
    }
    if (join.attempt() >= MAX_JOIN_ATTEMPTS) {
      join.connection().close(CloseCode.TRY_AGAIN_LATER, "the reader is behind", null);
      return;
    }
    reads.read(
        () -> {
          LockSupport.parkNanos(JOIN_RETRY.toNanos());
          readAndJoin(join.next(1));
        },
        () -> join.connection().close(CloseCode.TRY_AGAIN_LATER, "busy", null));
  }

  private void readAndJoin(Join join) {
    PushConnection connection = join.connection();
    if (!join.current()) {
      return;
    }
    Subscriptions found;
    try {
      found = queries.subscriptions(connection.account());
    } catch (ServiceException e) {
      connection.answer(ServerMessages.error(null, e.code(), e.detail(), e.retryAfter()), null);
      connection.close(CloseCode.TRY_AGAIN_LATER, "no subscriptions", null);
      return;
    }
    if (aheadOf(found, join.resume()) && waitsAhead(join)) {
      return;
    }
    if (join.tells(found.revision())) {
      // Again when it is read again: what came between the two heads is in neither stream.
      Frame welcome = ServerMessages.welcome(connection.caller().account(), node, found.groups());
      boolean fromHere =
          connection.framing() == Frame.Framing.EVENTS
              && join.position() == 0
              && join.resume().isEmpty();
      connection.answer(fromHere ? Frame.welcome(welcome, found.revision()) : welcome, null);
    }
    List<Map<GroupId, GroupEntry>> parts = entries(join, found);
    for (int i = 0; i < parts.size(); i++) {
      Map<GroupId, GroupEntry> part = parts.get(i);
      threads.postFor(
          threads.get(i), connection, worker -> worker.joins().join(join, found.revision(), part));
    }
  }

  /**
   * The reader of this node may only be behind the one that the client was on: the client waits for
   * it on no thread, up to three seconds. False when it has waited long enough.
   */
  private boolean waitsAhead(Join join) {
    if (join.attempt() < MAX_JOIN_ATTEMPTS) {
      if (join.repeated().compareAndSet(false, true)) {
        ahead.add(join.next(AHEAD_WEIGHT));
      }
      return true;
    }
    if (lagMillis.getAsLong() > MAX_LAG.toMillis()) {
      join.connection().close(CloseCode.TRY_AGAIN_LATER, "the reader is behind", null);
      return true;
    }
    return false;
  }

  /** Tries the joins of clients that were ahead again; the timer calls it. */
  void retryAhead() {
    for (int waiting = ahead.size(); waiting > 0; waiting--) {
      Join join = ahead.poll();
      if (join == null) {
        return;
      }
      if (join.current()) {
        reads.read(
            () -> readAndJoin(join),
            () -> join.connection().close(CloseCode.TRY_AGAIN_LATER, "busy", null));
      }
    }
  }

  /** Whether the client has seen entries that are not there. */
  private static boolean aheadOf(Subscriptions found, Map<GroupId, Long> resume) {
    for (Map.Entry<GroupId, Long> seen : resume.entrySet()) {
      MyGroup mine = found.groups().get(seen.getKey());
      if (mine != null && seen.getValue() > mine.group().headSeq()) {
        return true;
      }
    }
    return false;
  }

  private List<Map<GroupId, GroupEntry>> entries(Join join, Subscriptions found) {
    List<Map<GroupId, GroupEntry>> parts = new ArrayList<>(threads.count());
    for (int i = 0; i < threads.count(); i++) {
      parts.add(new HashMap<>());
    }
    long budget = config.resumeTotal();
    for (Map.Entry<GroupId, MyGroup> each : found.groups().entrySet()) {
      GroupId group = each.getKey();
      long head = each.getValue().group().headSeq();
      Long seen = join.resume().get(group);
      long from = head;
      boolean tooFar = false;
      if (seen != null && seen < head) {
        long gap = head - seen;
        tooFar = gap > config.resumeEntries() || gap > budget;
        if (!tooFar) {
          budget -= gap;
          from = seen;
        }
      } else if (seen != null && seen > head) {
        // It has waited: the database was restored to an earlier state.
        tooFar = true;
      }
      GroupEntry entry = new GroupEntry(from, head);
      entry.tooFar = tooFar;
      entry.seen = seen == null ? 0 : seen;
      parts.get(threads.slot(group)).put(group, entry);
    }
    return parts;
  }

  /** Reads the next page of the gap before a subscription. */
  void fetch(Subscription subscription, long from) {
    FanoutWorker worker = subscription.channel.worker;
    reads.read(
        () -> {
          try {
            HistoryPage page =
                queries.historyFrom(
                    subscription.connection.account(),
                    subscription.channel.id(),
                    from,
                    config.resumePage(),
                    ReadPoint.any());
            threads.postFor(
                worker, subscription.connection, self -> self.joins().fetched(subscription, page));
          } catch (ServiceException e) {
            resyncUnread(worker, subscription);
          }
        },
        () -> resyncUnread(worker, subscription));
  }

  private void resyncUnread(FanoutWorker worker, Subscription subscription) {
    threads.postFor(
        worker, subscription.connection, self -> self.joins().fetchFailed(subscription));
  }
}
