package org.plenum.balancer;

import io.undertow.client.ClientConnection;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.proxy.ProxyCallback;
import io.undertow.server.handlers.proxy.ProxyClient;
import io.undertow.server.handlers.proxy.ProxyConnection;
import io.undertow.util.AttachmentKey;
import io.undertow.util.StatusCodes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.XnioExecutor;

/**
 * Finds a peer for a request, and after a failure another one that did not have it yet. Not
 * Undertow's own balancing client: that one neither sees the request when it chooses nor remembers
 * who had it, and would follow session cookies that we do not have. Thread-safe; each exchange is
 * confined to its I/O thread.
 */
final class PeerProxyClient implements ProxyClient {
  private static final AttachmentKey<Attempts> ATTEMPTS = AttachmentKey.create(Attempts.class);

  private final Peers peers;
  private final Picker requests;
  private final Picker streams;
  private final Duration connect;
  private final LongAdder retries = new LongAdder();

  PeerProxyClient(Peers peers, Picker requests, Picker streams, Duration connect) {
    this.peers = peers;
    this.requests = requests;
    this.streams = streams;
    this.connect = connect;
  }

  /** Requests that were given to a node again, or to another one. */
  long retries() {
    return retries.sum();
  }

  /** Null when no node takes requests. */
  @Override
  @SuppressWarnings("NullAway") // Undertow's way to say so; it is not annotated.
  public ProxyTarget findTarget(HttpServerExchange exchange) {
    Attempts attempts = exchange.getAttachment(ATTEMPTS);
    if (attempts == null) {
      attempts = new Attempts(Exchanges.stream(exchange));
      exchange.putAttachment(ATTEMPTS, attempts);
      Attempts kept = attempts;
      exchange.addExchangeCompleteListener(
          (done, next) -> {
            kept.complete(done);
            next.proceed();
          });
    } else {
      attempts.failed();
    }
    Peer peer = attempts.next(peers.usable());
    if (peer == null) {
      return null;
    }
    if (attempts.count() > 1) {
      retries.increment();
    }
    return new Target(attempts, peer);
  }

  @Override
  public void getConnection(
      ProxyTarget target,
      HttpServerExchange exchange,
      ProxyCallback<ProxyConnection> callback,
      long timeout,
      TimeUnit unit) {
    Target chosen = (Target) target;
    Connecting connecting = new Connecting(chosen, callback);
    connecting.timer =
        exchange
            .getIoThread()
            .executeAfter(
                () -> connecting.tooLate(exchange), connect.toMillis(), TimeUnit.MILLISECONDS);
    chosen.peer().pool().connect(target, exchange, connecting, timeout, unit, false);
  }

  private record Target(Attempts attempts, Peer peer) implements ProxyTarget {}

  /** The peers that have had a request, and the one that has it. */
  private final class Attempts {
    private final boolean stream;
    private final Set<Peer> tried = new HashSet<>();
    private int count;
    private @Nullable Peer peer;
    private @Nullable ClientConnection connection;

    Attempts(boolean stream) {
      this.stream = stream;
    }

    int count() {
      return count;
    }

    @Nullable Peer next(List<Peer> usable) {
      List<Peer> fresh = new ArrayList<>(usable);
      fresh.removeAll(tried);
      // When all had it, one of them may have been back since.
      List<Peer> candidates = fresh.isEmpty() ? usable : fresh;
      if (candidates.isEmpty()) {
        return null;
      }
      Peer next = (stream ? streams : requests).pick(candidates);
      tried.add(next);
      count++;
      peer = next;
      next.begin(stream);
      return next;
    }

    void connected(ClientConnection to) {
      connection = to;
      if (peer != null) {
        peer.use(to);
      }
    }

    /** What the peer had came to nothing. */
    void failed() {
      end(true);
    }

    private void end(boolean failure) {
      if (peer != null) {
        if (connection != null) {
          peer.release(connection);
        }
        peer.end(stream, failure);
      }
      peer = null;
      connection = null;
    }

    /** The exchange is over, or its socket is open from now on. */
    void complete(HttpServerExchange exchange) {
      Peer had = peer;
      ClientConnection on = connection;
      if (had == null) {
        return;
      }
      if (exchange.getStatusCode() == StatusCodes.SWITCHING_PROTOCOLS
          && on != null
          && on.isOpen()) {
        peer = null;
        connection = null;
        on.addCloseListener(
            closed -> {
              had.release(on);
              had.end(true, false);
              // Closed by us, since its node is dead: nothing else would tell the client.
              IoUtils.safeClose(exchange.getConnection());
            });
        return;
      }
      boolean broken =
          on == null
              || (!on.isOpen() && exchange.getStatusCode() >= StatusCodes.INTERNAL_SERVER_ERROR);
      end(broken);
    }
  }

  /** One wait for a connection; ends once. */
  private final class Connecting implements ProxyCallback<ProxyConnection> {
    private final Target target;
    private final ProxyCallback<ProxyConnection> callback;
    private XnioExecutor.@Nullable Key timer;
    private boolean over;

    Connecting(Target target, ProxyCallback<ProxyConnection> callback) {
      this.target = target;
      this.callback = callback;
    }

    private boolean end() {
      if (over) {
        return false;
      }
      over = true;
      if (timer != null) {
        timer.remove();
      }
      return true;
    }

    /** A connection that comes later goes to the pool with the end of the exchange. */
    void tooLate(HttpServerExchange exchange) {
      if (end()) {
        callback.failed(exchange);
      }
    }

    @Override
    public void completed(HttpServerExchange exchange, ProxyConnection result) {
      if (!end()) {
        return;
      }
      ClientConnection connection = result.getConnection();
      target.attempts().connected(connection);
      byte[] body = exchange.getAttachment(WholeBodies.BODY);
      callback.completed(
          exchange,
          body == null
              ? result
              : new ProxyConnection(new PeerConnection(connection, body), result.getTargetPath()));
    }

    @Override
    public void failed(HttpServerExchange exchange) {
      if (end()) {
        peers.refused(target.peer());
        callback.failed(exchange);
      }
    }

    @Override
    public void couldNotResolveBackend(HttpServerExchange exchange) {
      if (end()) {
        callback.couldNotResolveBackend(exchange);
      }
    }

    @Override
    public void queuedRequestFailed(HttpServerExchange exchange) {
      if (end()) {
        callback.queuedRequestFailed(exchange);
      }
    }
  }
}
