package org.plenum.web.push;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.StreamStatus;

/**
 * The queue of another node: an inner stream to it, that is opened again with back-off when it
 * ends. It fetches some reports ahead of the client's credit, so that no credit is tied up in a
 * queue that has none; how much is bounded by a count (its credit) and by characters ({@link
 * PeerConnection#MAX_HELD}), beyond which the other node is not read.
 *
 * <p>In its first seconds a stream takes queues from whoever has them, after that only those that
 * nobody else has: so the newest of two streams wins, and an older one that meets a node again ends
 * instead of taking it back.
 */
final class PeerReportSource implements ReportSource {
  private static final Logger LOG = Logger.getLogger(PeerReportSource.class.getName());
  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
  private static final int CONFLICT = 409;
  private static final int NOT_FOUND = 404;

  /**
   * How other nodes are met.
   *
   * @param ahead reports that are fetched ahead of the client's credit
   * @param taking for how long after its start a stream takes queues from older ones
   * @param connect how long a connection and its welcome may take
   * @param pause between two attempts at most
   * @param silence after how long without a word a connection is given up
   */
  record Settings(int ahead, Duration taking, Duration connect, Duration pause, Duration silence) {}

  private enum Phase {
    WAITING,
    CONNECTING,
    GREETING,
    OPEN
  }

  private final String node;
  private final String group;
  private final String stream;
  private final long born;
  private final PeerTransport transport;
  private final Settings settings;
  private final OldNodes oldNodes;
  private final Deque<InnerFrame.Relayed> waiting = new ArrayDeque<>();
  private String url;
  private Phase phase = Phase.WAITING;
  private PeerConnection connection = new PeerConnection();
  private @Nullable CompletableFuture<WebSocket> connecting;
  private long since = System.nanoTime();
  private long retryAt = since;
  private Duration pause = FIRST_PAUSE;
  private String detail = "not connected yet";
  private boolean unsupported;
  private long acked;
  private long given;
  private long ackToSend;
  private int creditToSend;
  private long rejectToSend;
  private String rejectReason = "";
  private boolean rejecting;

  /**
   * A source that has not connected yet.
   *
   * @param born when its stream began, of {@link System#nanoTime()}
   */
  PeerReportSource(
      String node,
      String url,
      String group,
      String stream,
      long born,
      PeerTransport transport,
      Settings settings,
      OldNodes oldNodes) {
    this.node = node;
    this.url = url;
    this.group = group;
    this.stream = stream;
    this.born = born;
    this.transport = transport;
    this.settings = settings;
    this.oldNodes = oldNodes;
  }

  /** Where the node is reached from the next connection on. */
  void moveTo(String now) {
    if (!url.equals(now)) {
      url = now;
      pause = FIRST_PAUSE;
      retryAt = System.nanoTime();
    }
  }

  @Override
  public String node() {
    return node;
  }

  @Override
  public StreamStatus.Queue status() {
    return new StreamStatus.Queue(
        node,
        phase == Phase.OPEN
            ? StreamStatus.State.OPEN
            : unsupported ? StreamStatus.State.UNSUPPORTED : StreamStatus.State.AWAY,
        phase == Phase.OPEN ? "" : detail);
  }

  @Override
  public long acked() {
    return acked;
  }

  @Override
  public Change tick() {
    long now = System.nanoTime();
    return switch (phase) {
      case WAITING -> {
        if (now - retryAt >= 0) {
          connect(now);
        }
        yield Change.NONE;
      }
      case CONNECTING -> connected(now);
      case GREETING, OPEN -> converse(now);
    };
  }

  private void connect(long now) {
    connection = new PeerConnection();
    phase = Phase.CONNECTING;
    since = now;
    try {
      connecting =
          transport.connect(
              url, group, stream, now - born < settings.taking().toNanos(), connection);
    } catch (IllegalArgumentException e) {
      fail("its address cannot be used: " + e.getMessage());
    }
  }

  private Change connected(long now) {
    CompletableFuture<WebSocket> asked = connecting;
    if (asked == null) {
      return Change.NONE;
    }
    if (asked.isDone()) {
      try {
        connection.made(asked.join());
        phase = Phase.GREETING;
        connection.send("{\"type\":\"credit\",\"count\":" + settings.ahead() + "}");
      } catch (CompletionException | CancellationException e) {
        refused(e.getCause() == null ? e : e.getCause());
      }
    } else if (now - since > 2 * settings.connect().toNanos()) {
      asked.cancel(true);
      fail("no connection in time");
    }
    return Change.NONE;
  }

  private void refused(Throwable failure) {
    if (failure instanceof WebSocketHandshakeException handshake) {
      int status = handshake.getResponse().statusCode();
      boolean known =
          handshake.getResponse().headers().firstValue(PeerTransport.KNOWN_HEADER).isPresent();
      if (known && status == CONFLICT) {
        throw new ServiceException(
            ErrorCode.FEED_REPLACED, "another processing server has the queue of " + node);
      }
      unsupported = !known && status == NOT_FOUND;
      if (unsupported) {
        oldNodes.warn(node);
        fail("its version knows no streams between nodes");
        retryAt = System.nanoTime() + settings.pause().toNanos();
        return;
      }
      fail("answered " + status);
    } else {
      fail(String.valueOf(failure));
    }
  }

  /** The connection is over, or there is none; the next attempt is after a pause. */
  private void fail(String why) {
    connection.abort();
    connecting = null;
    waiting.clear();
    ackToSend = 0;
    creditToSend = 0;
    rejectToSend = 0;
    rejecting = false;
    phase = Phase.WAITING;
    detail = why;
    // Not all at once: other streams wait for the same node.
    long nanos = pause.toNanos();
    retryAt = System.nanoTime() + nanos / 2 + ThreadLocalRandom.current().nextLong(nanos / 2 + 1);
    pause = pause.multipliedBy(2);
    if (pause.compareTo(settings.pause()) > 0) {
      pause = settings.pause();
    }
  }

  private Change lost(String why) {
    boolean was = phase == Phase.OPEN;
    LOG.log(
        was ? Level.INFO : Level.FINE,
        "the inner stream of the group {0} to {1} has ended: {2}",
        new Object[] {group, node, why});
    if (was && System.nanoTime() - since > settings.pause().toNanos()) {
      pause = FIRST_PAUSE; // else it comes and goes, and is asked less and less often
    }
    fail(why);
    return was ? Change.LOST : Change.NONE;
  }

  private Change converse(long now) {
    // What came before the end counts, so it is asked for first.
    String ended = connection.ended();
    for (String text = connection.next(); text != null; text = connection.next()) {
      connection.release(text.length());
      Change change;
      try {
        change = hear(InnerFrame.parse(text));
      } catch (IOException e) {
        change = lost("it said what is no frame: " + e.getMessage());
      }
      if (change != Change.NONE || phase == Phase.WAITING) {
        return change;
      }
    }
    if (ended != null) {
      return lost(ended);
    }
    return keepAlive(now);
  }

  private Change hear(InnerFrame frame) {
    switch (frame) {
      case InnerFrame.Welcome welcome -> {
        acked = welcome.acked();
        given = acked;
        phase = Phase.OPEN;
        since = System.nanoTime();
        unsupported = false;
        detail = "";
        oldNodes.forget(node);
        return Change.OPENED;
      }
      case InnerFrame.Reports reports -> {
        if (!rejecting) {
          for (InnerFrame.Relayed report : reports.reports()) {
            waiting.add(report);
            connection.release(-report.json().length());
          }
        }
      }
      case InnerFrame.Rejected rejected -> rejecting = false;
      case InnerFrame.Refused refused -> {
        return lost(refused.code() + ": " + refused.detail());
      }
      case InnerFrame.Bye bye -> {
        if (bye.code().equals(ErrorCode.FEED_REPLACED.name())) {
          throw new ServiceException(
              ErrorCode.FEED_REPLACED, "another processing server has the queue of " + node);
        }
        return lost(bye.code() + ": " + bye.detail());
      }
      case InnerFrame.Other other -> {
        // It is alive.
      }
    }
    return Change.NONE;
  }

  private Change keepAlive(long now) {
    boolean stalled = connection.stalled();
    long silence = settings.silence().toNanos();
    if (phase == Phase.GREETING && now - since > 2 * settings.connect().toNanos()) {
      return lost("no welcome in time");
    }
    if (!stalled && now - connection.heard() > silence) {
      return lost("nothing was heard for " + settings.silence().toSeconds() + " s");
    }
    if (!connection.idle()) {
      return now - connection.sentAt() > silence ? lost("it takes nothing") : Change.NONE;
    }
    String next = nextFrame();
    if (next != null) {
      connection.send(next);
    } else if (now - connection.sentAt() > silence / 3) {
      if (stalled) {
        connection.sendPong();
      } else {
        connection.send("{\"type\":\"ping\"}");
      }
    }
    return Change.NONE;
  }

  /** What is to be said, in the order in which it was said to us. */
  private @Nullable String nextFrame() {
    if (ackToSend > 0) {
      String ack = "{\"type\":\"ack\",\"sequence\":" + ackToSend + "}";
      ackToSend = 0;
      return ack;
    }
    if (rejectToSend > 0) {
      String reject =
          "{\"type\":\"reject\",\"sequence\":"
              + rejectToSend
              + ",\"reason\":\""
              + new String(JsonStringEncoder.getInstance().quoteAsString(rejectReason))
              + "\"}";
      rejectToSend = 0;
      return reject;
    }
    if (creditToSend > 0 && (waiting.isEmpty() || creditToSend >= settings.ahead() / 4)) {
      String credit = "{\"type\":\"credit\",\"count\":" + creditToSend + "}";
      creditToSend = 0;
      return credit;
    }
    return null;
  }

  @Override
  public List<Taken> poll(int most, Duration wait) {
    List<Taken> taken = new ArrayList<>();
    while (taken.size() < most) {
      InnerFrame.Relayed next = waiting.peek();
      if (next == null || (next.attempt() > 1 && !taken.isEmpty())) {
        break;
      }
      waiting.remove();
      connection.release(next.json().length());
      given = next.sequence();
      creditToSend++;
      taken.add(next);
    }
    return taken;
  }

  @Override
  public void ack(long sequence) {
    if (sequence > given) {
      throw new ServiceException(
          ErrorCode.INVALID_VALUE, sequence + " was not delivered, only up to " + given);
    }
    if (sequence > acked) {
      acked = sequence;
      ackToSend = sequence;
    }
  }

  @Override
  public void reject(long sequence, String reason) {
    if (sequence <= acked || sequence > given) {
      throw new ServiceException(
          ErrorCode.INVALID_VALUE,
          "%d is not in flight: acknowledged %d, delivered %d".formatted(sequence, acked, given));
    }
    waiting.forEach(report -> connection.release(report.json().length()));
    waiting.clear();
    acked = sequence - 1;
    given = acked;
    rejectToSend = sequence;
    rejectReason = reason;
    rejecting = true;
  }

  @Override
  public void close() {
    end(false);
  }

  /** What was only fetched ahead has ended no processing server. */
  @Override
  public void lost() {
    end(given > acked);
  }

  private void end(boolean lost) {
    if (phase == Phase.OPEN) {
      List<String> last = new ArrayList<>();
      for (String next = nextFrame(); next != null; next = nextFrame()) {
        last.add(next);
      }
      if (lost) {
        last.add("{\"type\":\"lost\"}");
      }
      connection.finish(last);
    } else {
      CompletableFuture<WebSocket> asked = connecting;
      if (asked != null) {
        asked.cancel(true);
      }
      connection.abort();
    }
    phase = Phase.WAITING;
  }
}
