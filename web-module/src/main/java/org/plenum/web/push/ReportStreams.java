package org.plenum.web.push;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.ReportFeeds;
import org.plenum.report.api.StreamStatus;

/**
 * The streams of reports on this node: makes them, knows which stream has the queue of which group,
 * and how they are. A stream that is new takes the queue of its group from the one before; an inner
 * stream whose outer one is not new takes it only when nobody else has it. Thread-safe.
 */
final class ReportStreams {
  private final String node;
  private final ReportFeeds feeds;
  private final Supplier<Map<String, String>> peers;
  private final @Nullable PeerTransport transport;
  private final ReportStream.Settings settings;
  private final PeerReportSource.Settings inner;
  private final OldNodes oldNodes = new OldNodes();
  private final Map<ReportStream, Running> running = new ConcurrentHashMap<>();
  private volatile boolean stopped;

  /** Which stream has the queue of a group; guarded by this. */
  private final Map<String, Seat> seats = new HashMap<>();

  private record Running(String group, boolean relayed, boolean inner) {}

  /** The place of a group's consumer; each taking makes another one. */
  private record Seat(String stream, Object taking) {}

  /**
   * No streams yet.
   *
   * @param node name of this node
   * @param peers the addresses of other nodes that have queues, by their names; from memory
   * @param transport to them, null when there are none
   */
  ReportStreams(
      String node,
      ReportFeeds feeds,
      Supplier<Map<String, String>> peers,
      @Nullable PeerTransport transport,
      ReportStream.Settings settings,
      PeerReportSource.Settings inner) {
    this.node = node;
    this.feeds = feeds;
    this.peers = peers;
    this.transport = transport;
    this.settings = settings;
    this.inner = inner;
  }

  /**
   * A stream for a processing server; what is not started is to be killed.
   *
   * @param all whether it has the queues of all nodes
   * @param review throws when its peer may not have it any more
   * @param gone called once when it is over
   * @throws ServiceException as {@link ReportFeeds#open}
   */
  ReportStream open(String group, boolean all, Runnable review, Runnable gone) {
    String id = UUID.randomUUID().toString();
    return make(group, id, all ? others(group, id) : null, true, false, review, gone);
  }

  /**
   * An inner stream: the queue of this node for a stream at another one.
   *
   * @param stream the id of that stream
   * @param take whether it takes the queue from another stream
   * @throws ServiceException as {@link ReportFeeds#open}; FEED_REPLACED when it may not take it
   */
  ReportStream openInner(String group, String stream, boolean take, Runnable gone) {
    return make(group, stream, null, take, true, () -> {}, gone);
  }

  private ReportStream make(
      String group,
      String id,
      ReportStream.@Nullable Others others,
      boolean take,
      boolean isInner,
      Runnable review,
      Runnable gone) {
    if (stopped) {
      throw stopping();
    }
    Seat seat = new Seat(id, new Object());
    ReportFeeds.Feed feed = sit(group, seat, take);
    // Known to itself only once it is made, and gone is not called before.
    ReportStream[] made = new ReportStream[1];
    made[0] =
        new ReportStream(
            group,
            new LocalReportSource(node, feed, others == null ? null : () -> sitAgain(group, seat)),
            others,
            isInner,
            settings,
            review,
            () -> {
              leave(group, seat);
              over(made[0]);
              gone.run();
            });
    running.put(made[0], new Running(group, others != null, isInner));
    if (stopped) { // since the look above
      made[0].kill();
      throw stopping();
    }
    return made[0];
  }

  private synchronized ReportFeeds.Feed sit(String group, Seat seat, boolean take) {
    Seat now = seats.get(group);
    if (!take && now != null && !now.stream().equals(seat.stream())) {
      throw new ServiceException(
          ErrorCode.FEED_REPLACED, "another processing server has the queue of " + node);
    }
    // From memory: the consumer of a group is a number.
    ReportFeeds.Feed feed = feeds.open(group);
    seats.put(group, seat);
    return feed;
  }

  /** The queue of this node once more, after trouble of its own. */
  private synchronized ReportFeeds.Feed sitAgain(String group, Seat seat) {
    if (!seat.equals(seats.get(group))) {
      throw new ServiceException(
          ErrorCode.FEED_REPLACED, "another processing server has the queue of " + node);
    }
    return feeds.open(group);
  }

  private synchronized void leave(String group, Seat seat) {
    seats.remove(group, seat);
  }

  private ReportStream.@Nullable Others others(String group, String id) {
    long born = System.nanoTime();
    return new ReportStream.Others() {
      @Override
      public Map<String, String> urls() {
        return transport == null ? Map.of() : peers.get();
      }

      @Override
      public PeerReportSource source(String peer, String url) {
        if (transport == null) {
          throw new IllegalStateException("there are no other nodes");
        }
        return new PeerReportSource(peer, url, group, id, born, transport, inner, oldNodes);
      }
    };
  }

  private static ServiceException stopping() {
    return new ServiceException(ErrorCode.REPORTS_UNAVAILABLE, "this node is being stopped");
  }

  /**
   * Ends all streams, and takes no more.
   *
   * @param patience how long to wait until what their peers had said counts
   */
  void stop(Duration patience) throws InterruptedException {
    stopped = true;
    running.keySet().forEach(ReportStream::leave);
    long deadline = System.nanoTime() + patience.toNanos();
    synchronized (running) {
      while (!running.isEmpty()) {
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          return;
        }
        running.wait(left);
      }
    }
  }

  private void over(ReportStream stream) {
    synchronized (running) {
      running.remove(stream);
      running.notifyAll();
    }
  }

  /** How they all are. */
  List<StreamStatus.Stream> status() {
    return running.entrySet().stream()
        .map(
            each ->
                new StreamStatus.Stream(
                    each.getValue().group(),
                    each.getValue().relayed(),
                    each.getValue().inner(),
                    each.getKey().status()))
        .toList();
  }

  /** Streams that run now. */
  Set<ReportStream> running() {
    return Set.copyOf(running.keySet());
  }
}
