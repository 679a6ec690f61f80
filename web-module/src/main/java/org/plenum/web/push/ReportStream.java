package org.plenum.web.push;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.StreamStatus;

/**
 * One external processing server on its WebSocket. Reports go out as far as the server has given
 * credit, and at most so many without an acknowledgement; what was sent and not acknowledged goes
 * to the group's next consumer. Frames of the server: {@code credit}, {@code ack}, {@code reject},
 * {@code ping}; of this side: {@code welcome}, {@code queue}, {@code reports}, {@code rejected},
 * {@code error}, {@code pong}, {@code bye}. Between its {@code reject} and the {@code rejected}
 * that answers it, a server drops what it gets.
 *
 * <p>A stream has this node's queue alone, or those of all nodes ({@link Others}). Then each report
 * frame names its queue, and so does each acknowledgement; the name is another one whenever a queue
 * was lost and is there again, so that an acknowledgement that is late cannot count for reports
 * that were delivered since. The queues are served in turn, a batch each.
 *
 * <p>One thread of its own works for the stream: it alone uses the sources. What the server says
 * waits for it in the {@link ReportStreamSocket}.
 */
final class ReportStream implements Runnable {
  private static final Logger LOG = Logger.getLogger(ReportStream.class.getName());
  private static final int BATCH = 256;
  private static final Duration TURN = Duration.ofMillis(20);

  /** With several queues: what comes from another node is looked for that often. */
  private static final Duration SHORT_TURN = Duration.ofMillis(5);

  private static final Duration LOOK = Duration.ofSeconds(2);
  private static final Duration REVIEW = Duration.ofSeconds(5);

  /**
   * Bounds of a stream.
   *
   * @param credit reports that may be out and not acknowledged
   * @param silence after how long without a frame of the peer it is closed
   */
  record Settings(int credit, Duration silence) {}

  /** The queues of other nodes, for a stream that has them all. */
  interface Others {
    /** The addresses of the other nodes by their names; from memory. */
    Map<String, String> urls();

    /** A source for the queue of one of them. */
    PeerReportSource source(String node, String url);
  }

  /** A queue in this stream. */
  private static final class Lane {
    private final ReportSource source;
    private boolean open;

    /** Which opening of a queue in this stream it is. */
    private int opening;

    private long sent;
    private long acked;
    private long unacknowledged;

    Lane(ReportSource source) {
      this.source = source;
    }

    /** Its name while it is open as it is now. */
    String queue() {
      return source.node() + '/' + opening;
    }
  }

  private final String group;
  private final Settings settings;
  private final @Nullable Others others;
  private final Runnable review;
  private final Runnable gone;
  private final ReportStreamSocket socket;
  private final AtomicBoolean ended = new AtomicBoolean();
  private volatile boolean leaving;

  /** Used by the stream's own thread only. */
  private long credit;

  private final List<Lane> lanes = new ArrayList<>();
  private boolean welcomed;
  private int openings;
  private int turn;
  private long unacknowledged;
  private long reviewed = System.nanoTime();
  private long pinged = System.nanoTime();
  private long looked = System.nanoTime() - LOOK.toNanos();
  private volatile List<StreamStatus.Queue> status;

  /**
   * A stream that is not connected yet.
   *
   * @param local the queue of this node
   * @param others the queues of the other nodes, null for a stream without them
   * @param inner whether its peer is another node
   * @param review throws {@link ServiceException} when its peer may not have it any more
   * @param gone called once when it is over
   */
  ReportStream(
      String group,
      ReportSource local,
      @Nullable Others others,
      boolean inner,
      Settings settings,
      Runnable review,
      Runnable gone) {
    this.group = group;
    this.lanes.add(new Lane(local));
    this.status = List.of(local.status());
    this.others = others;
    this.socket = new ReportStreamSocket(group, inner);
    this.settings = settings;
    this.review = review;
    this.gone = gone;
  }

  void start(Sink sink, ServletInputStream in, ServletOutputStream out, Executor executor) {
    try {
      socket.write(sink, out);
      executor.execute(this);
    } catch (RuntimeException | Error e) {
      end(); // no thread of its own does it
      throw e;
    }
    socket.read(in);
  }

  /** Has it say goodbye and end. */
  void leave() {
    leaving = true;
  }

  /** Ends it at once: what is in flight goes back. */
  void kill() {
    if (!socket.kill()) {
      end();
    }
  }

  private void end() {
    if (ended.compareAndSet(false, true)) {
      try {
        boolean lost = socket.vanished();
        lanes.forEach(lane -> end(lane.source, lost));
      } finally {
        gone.run();
      }
    }
  }

  private static void end(ReportSource source, boolean lost) {
    if (lost) {
      source.lost();
    } else {
      source.close();
    }
  }

  /** Its queues and how they are; for any thread. */
  List<StreamStatus.Queue> status() {
    return status;
  }

  @Override
  public void run() {
    try {
      while (!socket.dead()) {
        if (leaving) {
          throw new ServiceException(ErrorCode.REPORTS_UNAVAILABLE, "this node is being stopped");
        }
        look();
        tend();
        listen();
        keepAlive();
        deliver();
      }
      settleLast();
    } catch (ServiceException e) {
      bye(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      bye(new ServiceException(ErrorCode.REPORTS_UNAVAILABLE, "this node is being stopped"));
    } catch (RuntimeException e) {
      LOG.log(Level.SEVERE, "a stream of reports failed", e);
      bye(new ServiceException(ErrorCode.INTERNAL, "a fault"));
    } finally {
      end();
      socket.farewell(settings.silence());
    }
  }

  private void bye(ServiceException e) {
    LOG.log(
        Level.INFO,
        "the stream of the group {0} ends: {1}, {2}",
        new Object[] {group, e.code(), e.detail()});
    socket.bye(
        "{\"type\":\"bye\",\"code\":\"" + e.code() + "\",\"detail\":" + quoted(e.detail()) + "}",
        e.code().name());
  }

  /** What the server had said before it went counts. */
  private void settleLast() {
    for (ProcessingFrame last = socket.poll(); last != null; last = socket.poll()) {
      if (last instanceof ProcessingFrame.Ack
          || last instanceof ProcessingFrame.Reject
          || last instanceof ProcessingFrame.Lost) {
        carryOut(last);
      }
    }
  }

  private boolean mayDeliver() {
    return credit > 0 && unacknowledged < settings.credit() && !socket.backlogged();
  }

  /** Waits for a frame only when nothing else is to do. */
  private void listen() throws InterruptedException {
    ProcessingFrame next = mayDeliver() ? socket.poll() : socket.poll(TURN);
    while (next != null) {
      // Also when the peer has gone meanwhile: what it said before counts.
      carryOut(next);
      next = socket.dead() ? null : socket.poll();
    }
  }

  private void carryOut(ProcessingFrame next) {
    try {
      switch (next) {
        case ProcessingFrame.Credit more ->
            credit = Math.min(credit + more.count(), settings.credit());
        case ProcessingFrame.Ack ack -> {
          Lane lane = addressed(ack.queue());
          if (lane != null) {
            lane.source.ack(ack.sequence());
            settled(lane, ack.sequence());
          }
        }
        case ProcessingFrame.Reject no -> {
          Lane lane = addressed(no.queue());
          if (lane != null) {
            reject(lane, no);
          }
        }
        case ProcessingFrame.Ping ping -> send("{\"type\":\"pong\"}");
        case ProcessingFrame.Lost lost -> {
          if (!socket.peerLost()) {
            error(ErrorCode.MALFORMED_REQUEST, "unknown type");
          }
        }
        case ProcessingFrame.Nonsense bad -> error(ErrorCode.MALFORMED_REQUEST, bad.detail());
      }
    } catch (ServiceException e) {
      if (e.code() != ErrorCode.INVALID_VALUE) {
        throw e;
      }
      error(e.code(), e.detail());
    }
  }

  private void reject(Lane lane, ProcessingFrame.Reject no) {
    lane.source.reject(no.sequence(), no.reason());
    // It and what follows comes again. Reports that were on their way are void: an ack of one
    // of them would count for the rejected one too, so the peer is told where they end.
    lane.acked = no.sequence() - 1;
    credit = Math.min(credit + Math.max(0, lane.sent - lane.acked), settings.credit());
    lane.sent = lane.acked;
    forgive(lane, lane.unacknowledged);
    send("{\"type\":\"rejected\"" + named(lane) + ",\"sequence\":" + no.sequence() + "}");
  }

  /** The queue that is meant; null for one that was lost since: what it says has no effect. */
  private @Nullable Lane addressed(@Nullable String queue) {
    if (others == null) {
      return lanes.getFirst();
    }
    if (queue == null) {
      throw new ServiceException(ErrorCode.INVALID_VALUE, "queue is missing");
    }
    boolean known = false;
    for (Lane lane : lanes) {
      if (lane.open && lane.queue().equals(queue)) {
        return lane;
      }
      known |= queue.startsWith(lane.source.node() + '/');
    }
    if (!known) {
      throw new ServiceException(ErrorCode.INVALID_VALUE, "no such queue");
    }
    return null;
  }

  private void settled(Lane lane, long sequence) {
    if (sequence > lane.acked) {
      forgive(lane, lane.unacknowledged - Math.max(0, lane.sent - sequence));
      lane.acked = sequence;
    }
  }

  /** So many reports of it do not count as unacknowledged any more. */
  private void forgive(Lane lane, long count) {
    lane.unacknowledged -= count;
    unacknowledged -= count;
  }

  private String named(Lane lane) {
    return others == null ? "" : ",\"queue\":" + quoted(lane.queue());
  }

  private void error(ErrorCode code, String detail) {
    send("{\"type\":\"error\",\"code\":\"" + code + "\",\"detail\":" + quoted(detail) + "}");
  }

  private void keepAlive() {
    long now = System.nanoTime();
    if (now - socket.heard() > settings.silence().toNanos()) {
      socket.withoutAWord();
      throw new ServiceException(ErrorCode.TIMEOUT, "nothing was heard of the processing server");
    }
    if (now - Math.max(socket.heard(), pinged) > settings.silence().toNanos() / 3) {
      pinged = now;
      socket.send(Frame.control(WebSocketFrames.ping()));
    }
    if (now - reviewed > REVIEW.toNanos()) {
      reviewed = now;
      review.run();
    }
  }

  /** Which other nodes there are now. */
  private void look() {
    Others all = others;
    long now = System.nanoTime();
    if (all == null || now - looked < LOOK.toNanos()) {
      return;
    }
    looked = now;
    Map<String, String> urls = new TreeMap<>(all.urls());
    for (Lane lane : List.copyOf(lanes.subList(1, lanes.size()))) {
      String url = urls.remove(lane.source.node());
      if (url != null && lane.source instanceof PeerReportSource peer) {
        peer.moveTo(url);
      } else if (!lane.open) {
        lane.source.close();
        lanes.remove(lane);
      }
    }
    urls.forEach((node, url) -> lanes.add(new Lane(all.source(node, url))));
    status = lanes.stream().map(lane -> lane.source.status()).toList();
  }

  /** What is due in each queue. */
  private void tend() {
    for (Lane lane : lanes) {
      switch (lane.source.tick()) {
        case NONE -> {}
        case OPENED -> {
          lane.open = true;
          lane.opening = ++openings;
          lane.acked = lane.source.acked();
          lane.sent = lane.acked;
          tell(lane);
        }
        case LOST -> {
          forgive(lane, lane.unacknowledged);
          lane.open = false;
          tell(lane);
        }
      }
    }
  }

  private void tell(Lane lane) {
    status = lanes.stream().map(each -> each.source.status()).toList();
    if (!welcomed) { // by the queue of this node: the others are looked for after it has opened
      welcomed = true;
      send(
          "{\"type\":\"welcome\",\"group\":"
              + quoted(group)
              + named(lane)
              + ",\"acked\":"
              + lane.acked
              + "}");
    } else {
      send(
          "{\"type\":\"queue\""
              + named(lane)
              + (lane.open
                  ? ",\"state\":\"open\",\"acked\":" + lane.acked
                  : ",\"state\":\"lost\",\"detail\":" + quoted(lane.source.status().detail()))
              + "}");
    }
  }

  private void deliver() throws InterruptedException {
    if (!mayDeliver()) {
      return;
    }
    long most = Math.min(Math.min(credit, settings.credit() - unacknowledged), BATCH);
    if (others == null) {
      deliver(lanes.getFirst(), (int) most, TURN);
      return;
    }
    for (int i = 0; i < lanes.size(); i++) {
      turn = (turn + 1) % lanes.size();
      if (deliver(lanes.get(turn), (int) most, Duration.ZERO)) {
        return;
      }
    }
    deliver(lanes.getFirst(), (int) most, SHORT_TURN);
  }

  /** Sends a batch of one queue; whether there was one. */
  private boolean deliver(Lane lane, int most, Duration wait) throws InterruptedException {
    if (!lane.open) {
      return false;
    }
    List<ReportSource.Taken> batch = lane.source.poll(most, wait);
    if (batch.isEmpty()) {
      return false;
    }
    StringBuilder json = new StringBuilder(512 * batch.size());
    json.append("{\"type\":\"reports\"").append(named(lane));
    json.append(",\"attempt\":").append(batch.getFirst().attempt());
    json.append(",\"reports\":[");
    String comma = "";
    for (ReportSource.Taken taken : batch) {
      json.append(comma);
      taken.appendTo(json);
      comma = ",";
    }
    send(json.append("]}").toString());
    lane.sent = batch.getLast().sequence();
    credit -= batch.size();
    lane.unacknowledged += batch.size();
    unacknowledged += batch.size();
    return true;
  }

  private void send(String json) {
    socket.send(Frame.text(json));
  }

  private static String quoted(String text) {
    return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
  }
}
