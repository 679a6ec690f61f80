package org.plenum.balancer;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.HttpContinueReadHandler;
import io.undertow.util.AttachmentKey;
import io.undertow.util.Headers;
import io.undertow.util.SameThreadExecutor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.xnio.IoUtils;
import org.xnio.XnioExecutor;

/**
 * Reads a body whole before it is sent on, when it is announced as short: a client that sends
 * slowly keeps no thread of a node, and what is whole can be sent again. All bodies together are
 * bounded; what is longer, of unknown length, or beyond the bound is passed on as it comes.
 * Thread-safe.
 */
final class WholeBodies implements HttpHandler {
  /** The body of an exchange that was read whole. */
  static final AttachmentKey<byte[]> BODY = AttachmentKey.create(byte[].class);

  /** A client that needs longer for a short body means harm, or has lost its network. */
  private static final Duration LIMIT = Duration.ofSeconds(15);

  private final HttpHandler next;

  /** Reads; a client that waits for a 100 before it sends gets that from us. */
  private final HttpHandler whole = new HttpContinueReadHandler(this::read);

  private final int most;
  private final long total;
  private final AtomicLong kept = new AtomicLong();

  WholeBodies(HttpHandler next, int most, long total) {
    this.next = next;
    this.most = most;
    this.total = total;
  }

  /** Bytes that are kept at this moment. */
  long kept() {
    return kept.get();
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) throws Exception {
    long length = exchange.getRequestContentLength();
    if (length <= 0 || length > most || exchange.isRequestComplete() || !reserve(length)) {
      next.handleRequest(exchange);
      return;
    }
    whole.handleRequest(exchange);
  }

  private void read(HttpServerExchange exchange) {
    long length = exchange.getRequestContentLength();
    exchange.addExchangeCompleteListener(
        (done, listener) -> {
          kept.addAndGet(-length);
          listener.proceed();
        });
    XnioExecutor.Key timer =
        exchange
            .getIoThread()
            .executeAfter(() -> tooSlow(exchange), LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    exchange
        .getRequestReceiver()
        .receiveFullBytes(
            (read, body) -> {
              timer.remove();
              read.putAttachment(BODY, body);
              read.getRequestHeaders().remove(Headers.EXPECT);
              read.dispatch(SameThreadExecutor.INSTANCE, next);
            },
            (read, failure) -> {
              timer.remove();
              giveUp(read);
            });
  }

  private boolean reserve(long length) {
    if (kept.addAndGet(length) <= total) {
      return true;
    }
    kept.addAndGet(-length);
    return false;
  }

  private static void tooSlow(HttpServerExchange exchange) {
    if (!exchange.isRequestComplete()) {
      giveUp(exchange);
    }
  }

  private static void giveUp(HttpServerExchange exchange) {
    IoUtils.safeClose(exchange.getConnection());
    exchange.endExchange();
  }
}
