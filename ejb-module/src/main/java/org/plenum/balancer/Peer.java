package org.plenum.balancer;

import io.undertow.client.ClientConnection;
import io.undertow.client.UndertowClient;
import io.undertow.server.handlers.proxy.ConnectionPoolManager;
import io.undertow.server.handlers.proxy.ProxyConnectionPool;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.xnio.IoUtils;
import org.xnio.OptionMap;

/**
 * A node that gets requests: its connections, what it has open, how it is. Thread-safe; the pool is
 * used by I/O threads alone.
 */
final class Peer {
  /** Idle connections go before the node's own limit (60 s) closes them under a request. */
  private static final long IDLE_MILLIS = 30_000;

  /** A node that says it is fully used still has some time left, or its load had no end. */
  private static final double LEAST_FREE = 0.05;

  private final String name;
  private final URI url;
  private final ProxyConnectionPool pool;
  private final Set<ClientConnection> used = ConcurrentHashMap.newKeySet();
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger streams = new AtomicInteger();
  private final LongAdder chosen = new LongAdder();
  private final LongAdder answered = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private volatile State state = State.UNKNOWN;
  private volatile double cpu;

  /** How a peer is. */
  enum State {
    /** Not asked yet. */
    UNKNOWN,
    /** Takes requests. */
    READY,
    /** Answers that it takes none. */
    NOT_READY,
    /** Does not answer. */
    DEAD,
    /** Takes requests, and an administrator wants it to get none. */
    DRAINED
  }

  /**
   * A peer of which nothing is known yet.
   *
   * @param connections to it at most, for each I/O thread
   */
  Peer(String name, URI url, int connections) {
    this.name = name;
    this.url = url;
    this.pool =
        new ProxyConnectionPool(
            new Bounds(connections), url, UndertowClient.getInstance(), OptionMap.EMPTY);
  }

  String name() {
    return name;
  }

  URI url() {
    return url;
  }

  ProxyConnectionPool pool() {
    return pool;
  }

  State state() {
    return state;
  }

  void be(State now) {
    state = now;
  }

  /** Takes the share of its host's processors that it uses, 0 to 1; 0 when it is not known. */
  void uses(double share) {
    cpu = Math.clamp(share, 0, 1);
  }

  /** Requests and streams of this balancer that it has, for the processor time that it has left. */
  double load() {
    return (1 + requests.get() + streams.get()) / Math.max(LEAST_FREE, 1 - cpu);
  }

  /** Requests that it is at work on, streams left out. */
  int requests() {
    return requests.get();
  }

  /** Open sockets and streams. */
  int streams() {
    return streams.get();
  }

  /** Requests that it was given. */
  long chosen() {
    return chosen.sum();
  }

  /** Requests that it answered. */
  long answered() {
    return answered.sum();
  }

  /** Requests that broke off, or that it could not be given. */
  long failures() {
    return failures.sum();
  }

  void begin(boolean stream) {
    chosen.increment();
    (stream ? streams : requests).incrementAndGet();
  }

  void end(boolean stream, boolean failed) {
    (stream ? streams : requests).decrementAndGet();
    (failed ? failures : answered).increment();
  }

  /** Remembers a connection as long as something is on it. */
  void use(ClientConnection connection) {
    used.add(connection);
  }

  /** Forgets a connection that is free again or closed. */
  void release(ClientConnection connection) {
    used.remove(connection);
  }

  /**
   * Closes what is at work on it: requests that may be repeated go to another one, and sockets
   * resume at another one. On the thread of each connection, which alone may close it.
   */
  void cut() {
    for (ClientConnection each : used) {
      each.getIoThread().execute(() -> IoUtils.safeClose(each));
    }
  }

  /** Closes its free connections; those at work close when they are done. */
  void close() {
    pool.close();
  }

  /** Nothing waits for a connection: another peer is asked instead. */
  private record Bounds(int connections) implements ConnectionPoolManager {
    @Override
    public int getMaxConnections() {
      return connections;
    }

    @Override
    public int getMaxCachedConnections() {
      return connections;
    }

    @Override
    public int getSMaxConnections() {
      return 0;
    }

    @Override
    public long getTtl() {
      return IDLE_MILLIS;
    }

    @Override
    public int getMaxQueueSize() {
      return 0;
    }

    @Override
    public int getProblemServerRetry() {
      return 0;
    }

    /** Checks of our own say who is there. */
    @Override
    public boolean isAvailable() {
      return true;
    }

    @Override
    public boolean handleError() {
      return true;
    }

    @Override
    public boolean clearError() {
      return true;
    }
  }
}
