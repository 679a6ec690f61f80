package org.plenum.balancer;

import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.ServerConnection;
import io.undertow.server.handlers.HttpContinueReadHandler;
import io.undertow.util.Headers;
import io.undertow.websockets.core.AbstractReceiveListener;
import io.undertow.websockets.core.BufferedTextMessage;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSockets;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.xnio.IoUtils;
import org.xnio.Options;

/**
 * A node as the balancer sees one: health, requests that it echoes, a WebSocket. {@code X-Node}
 * names it. It can be killed under requests that it has not answered.
 */
final class TestPeer implements AutoCloseable {
  final String name;
  final AtomicInteger requests = new AtomicInteger();
  volatile int health = 200;

  /** Requests with the path {@code /held} are answered once this is open. */
  final CountDownLatch held = new CountDownLatch(1);

  final AtomicInteger waiting = new AtomicInteger();
  private final Set<ServerConnection> connections = ConcurrentHashMap.newKeySet();
  private final Undertow server;

  TestPeer(String name) {
    this.name = name;
    HttpHandler socket =
        Handlers.websocket(
            (exchange, channel) -> {
              channel.getReceiveSetter().set(new Echo());
              channel.resumeReceives();
            });
    HttpHandler paths =
        Handlers.path(new HttpContinueReadHandler(this::echo))
            .addExactPath("/health/ready", exchange -> exchange.setStatusCode(health))
            .addExactPath("/plenum/api/v1/stream", socket)
            .addExactPath(
                "/broken",
                exchange -> {
                  requests.incrementAndGet();
                  IoUtils.safeClose(exchange.getConnection());
                })
            .addExactPath("/held", this::hold);
    server =
        Undertow.builder()
            .addHttpListener(
                0,
                "127.0.0.1",
                exchange -> {
                  connections.add(exchange.getConnection());
                  exchange
                      .getResponseHeaders()
                      .put(io.undertow.util.HttpString.tryFromString("X-Node"), name);
                  paths.handleRequest(exchange);
                })
            .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, -1L)
            .setIoThreads(1)
            .setWorkerThreads(16)
            .setWorkerOption(Options.WORKER_NAME, name)
            .build();
    server.start();
  }

  private final class Echo extends AbstractReceiveListener {
    @Override
    protected void onFullTextMessage(WebSocketChannel channel, BufferedTextMessage message) {
      WebSockets.sendText(name + ":" + message.getData(), channel, null);
    }
  }

  /** All that the request said, and after a moment, so that a kill finds some at work. */
  private void echo(HttpServerExchange exchange) {
    requests.incrementAndGet();
    exchange
        .getRequestReceiver()
        .receiveFullBytes(
            (read, body) -> {
              StringBuilder text = new StringBuilder();
              text.append(read.getRequestMethod()).append(' ').append(read.getRequestURI());
              text.append('?').append(read.getQueryString()).append('\n');
              read.getRequestHeaders()
                  .forEach(
                      values ->
                          values.forEach(
                              value ->
                                  text.append(values.getHeaderName())
                                      .append(": ")
                                      .append(value)
                                      .append('\n')));
              text.append('\n').append(new String(body, StandardCharsets.UTF_8));
              read.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/plain");
              read.getResponseHeaders()
                  .put(new io.undertow.util.HttpString("Keep-Alive"), "timeout=5");
              read.dispatch(
                  () ->
                      read.getIoThread()
                          .executeAfter(
                              () -> read.getResponseSender().send(text.toString()),
                              3,
                              TimeUnit.MILLISECONDS));
            });
  }

  private void hold(HttpServerExchange exchange) {
    requests.incrementAndGet();
    exchange.dispatch(
        () -> {
          waiting.incrementAndGet();
          try {
            held.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          exchange.getResponseSender().send(name);
        });
  }

  URI url() {
    InetSocketAddress address =
        (InetSocketAddress) server.getListenerInfo().getFirst().getAddress();
    return URI.create("http://127.0.0.1:" + address.getPort());
  }

  /** Closes everything at once; nothing at work is answered. */
  void kill() {
    server.getListenerInfo();
    connections.forEach(IoUtils::safeClose);
    held.countDown();
    server.stop();
  }

  @Override
  public void close() {
    held.countDown();
    server.stop();
  }
}
