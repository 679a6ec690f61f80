package org.plenum.balancer;

import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.attribute.ExchangeAttributes;
import io.undertow.server.DefaultByteBufferPool;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.GracefulShutdownHandler;
import io.undertow.server.handlers.proxy.ProxyHandler;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.StatusCodes;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.balancer.api.BalancerMark;
import org.xnio.Options;

/**
 * The reverse proxy: a listener of its own, Undertow's proxy handler, and what is ours around it:
 * who gets a request, what may be sent twice, and what clients may not say (GRP-1). Thread-safe.
 */
final class Balancer implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Balancer.class.getName());

  /** Begin of the names of its threads. */
  static final String WORKER = "plenum-balancer";

  /** As long as the nodes' own (header-buffer-length-bytes in domain-config). */
  private static final int HEADER_BYTES = 16_384;

  private static final int BUFFER = 16_384;
  private static final int POOLED_BUFFERS = 1_024;
  private static final int CACHED_BUFFERS = 8;
  private static final int MAX_THREADS = 4;
  private static final Duration HEADERS = Duration.ofSeconds(15);
  private static final Duration KEEP_ALIVE = Duration.ofSeconds(60);
  private static final Duration STOP = Duration.ofSeconds(2);
  private static final int BACKLOG = 1_024;

  private final BalancerConfig config;
  private final Peers peers;
  private final PeerProxyClient client;
  private final WholeBodies bodies;
  private final GracefulShutdownHandler graceful;
  private final Undertow server;
  private final int threads;
  private final LongAdder unserved = new LongAdder();
  private volatile boolean listening;

  /**
   * A balancer that does not listen yet.
   *
   * @param mark what nodes know its requests by, null for none
   */
  Balancer(BalancerConfig config, @Nullable BalancerMark mark) {
    this.config = config;
    this.threads = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, MAX_THREADS);
    this.peers = new Peers(this::peer);
    this.client =
        new PeerProxyClient(
            peers,
            Picker.of(config.choice(), bound -> ThreadLocalRandom.current().nextInt(bound)),
            Picker.fewestStreams(),
            config.connectTimeout());
    HttpHandler requests = proxy(mark, Math.toIntExact(config.requestTimeout().toMillis()));
    HttpHandler streams = proxy(mark, -1);
    this.bodies =
        new WholeBodies(
            exchange -> (Exchanges.stream(exchange) ? streams : requests).handleRequest(exchange),
            config.bufferBytes(),
            config.bufferTotal());
    this.graceful = new GracefulShutdownHandler(exchange -> admit(exchange));
    this.server = build();
  }

  private Peer peer(String name, URI url) {
    return new Peer(name, url, Math.ceilDiv(config.maxConnections(), threads));
  }

  private HttpHandler proxy(@Nullable BalancerMark mark, int limit) {
    ProxyHandler.Builder builder =
        ProxyHandler.builder()
            .setProxyClient(client)
            .setMaxRequestTime(limit)
            .setMaxConnectionRetries(config.retries())
            .setIdempotentRequestPredicate(Exchanges::repeatable)
            .setNext(Balancer::nobody);
    if (mark != null) {
      builder.addRequestHeader(
          new HttpString(BalancerMark.HEADER), ExchangeAttributes.constant(mark.text()));
    }
    return builder.build();
  }

  private static void nobody(HttpServerExchange exchange) {
    exchange.setStatusCode(StatusCodes.SERVICE_UNAVAILABLE);
    exchange.endExchange();
  }

  private Undertow build() {
    return Undertow.builder()
        .addHttpListener(config.port(), config.listen(), graceful)
        .setIoThreads(threads)
        // Nothing of ours waits; the library wants one.
        .setWorkerThreads(1)
        .setWorkerOption(Options.WORKER_NAME, WORKER + "-" + config.port())
        .setByteBufferPool(new DefaultByteBufferPool(true, BUFFER, POOLED_BUFFERS, CACHED_BUFFERS))
        .setServerOption(UndertowOptions.MAX_HEADER_SIZE, HEADER_BYTES)
        // How long a body may be is for the nodes to say.
        .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, -1L)
        .setServerOption(UndertowOptions.ENABLE_HTTP2, false)
        .setServerOption(UndertowOptions.ALWAYS_SET_DATE, false)
        .setServerOption(UndertowOptions.REQUEST_PARSE_TIMEOUT, millis(HEADERS))
        .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, millis(KEEP_ALIVE))
        .setServerOption(UndertowOptions.IDLE_TIMEOUT, millis(config.idleTimeout()))
        .setServerOption(UndertowOptions.SHUTDOWN_TIMEOUT, millis(STOP))
        .setSocketOption(Options.CONNECTION_HIGH_WATER, config.maxConnections())
        .setSocketOption(Options.CONNECTION_LOW_WATER, config.maxConnections() - threads)
        .setSocketOption(Options.BACKLOG, BACKLOG)
        .build();
  }

  private static int millis(Duration duration) {
    return Math.toIntExact(duration.toMillis());
  }

  private void admit(HttpServerExchange exchange) throws Exception {
    exchange.addDefaultResponseListener(this::problem);
    exchange.addResponseCommitListener(Exchanges::cleanResponse);
    if (Exchanges.internal(exchange)) {
      refuse(exchange, StatusCodes.NOT_FOUND);
    } else if (Exchanges.ambiguous(exchange)) {
      refuse(exchange, StatusCodes.BAD_REQUEST);
    } else {
      Exchanges.cleanRequest(exchange);
      bodies.handleRequest(exchange);
    }
  }

  private static void refuse(HttpServerExchange exchange, int status) {
    exchange.setStatusCode(status);
    exchange.endExchange();
  }

  /** What is answered without a node says why, as the nodes do (RFC 9457). */
  private boolean problem(HttpServerExchange exchange) {
    int status = exchange.getStatusCode();
    if (status < StatusCodes.BAD_REQUEST || exchange.isResponseStarted()) {
      return false;
    }
    String title =
        switch (status) {
          case StatusCodes.NOT_FOUND -> "There is no such thing";
          case StatusCodes.SERVICE_UNAVAILABLE ->
              "No node could take the request; it may be repeated under the same client id";
          case StatusCodes.GATEWAY_TIME_OUT ->
              "The node took too long; the request may still take effect";
          default -> StatusCodes.getReason(status);
        };
    if (status >= StatusCodes.INTERNAL_SERVER_ERROR) {
      unserved.increment();
      exchange.getResponseHeaders().put(Headers.RETRY_AFTER, "1");
    }
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/problem+json");
    exchange
        .getResponseSender()
        .send("{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d}".formatted(title, status));
    return true;
  }

  /** Those that get requests. */
  Peers peers() {
    return peers;
  }

  /** Requests that were given to a node again, or to another one. */
  long retries() {
    return client.retries();
  }

  /** Requests that no node could take. */
  long unserved() {
    return unserved.sum();
  }

  /** Bytes of bodies that are kept to be sent again. */
  long kept() {
    return bodies.kept();
  }

  /** Whether it takes connections. */
  boolean listening() {
    return listening;
  }

  /** Where it listens. */
  InetSocketAddress address() {
    return (InetSocketAddress) server.getListenerInfo().getFirst().getAddress();
  }

  /**
   * Listens.
   *
   * @throws RuntimeException when the port is taken
   */
  void start() {
    server.start();
    listening = true;
    LOG.info(() -> "balances requests on " + address() + ", " + config.choice().text());
  }

  /** Takes no more requests, waits for those at work, then closes everything. */
  @Override
  public void close() {
    listening = false;
    graceful.shutdown();
    try {
      if (!graceful.awaitShutdown(config.drainTime().toMillis())) {
        LOG.fine("requests and streams were still open when the balancer stopped");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    peers.close();
    try {
      server.stop();
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "the balancer did not stop in order", e);
    }
  }
}
