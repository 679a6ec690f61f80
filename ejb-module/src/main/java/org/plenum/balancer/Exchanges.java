package org.plenum.balancer;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.CanonicalPathUtils;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.plenum.balancer.api.BalancerMark;

/** What the balancer reads from a request, and takes out of it. Stateless and thread-safe. */
final class Exchanges {
  /** What stays open for hours. */
  private static final Set<String> STREAMS =
      Set.of("/plenum/api/v1/stream", "/plenum/api/v1/events", "/plenum/api/v1/reports/stream");

  private static final HttpString IDEMPOTENCY_KEY = new HttpString("Idempotency-Key");
  private static final HttpString PROXY_CONNECTION = new HttpString("Proxy-Connection");
  private static final HttpString KEEP_ALIVE = new HttpString("Keep-Alive");
  private static final HttpString FORWARDED = new HttpString("Forwarded");
  private static final String WEBSOCKET = "websocket";

  /** Of the connection between two hosts alone (RFC 9110, section 7.6.1). */
  private static final List<HttpString> HOP =
      List.of(
          KEEP_ALIVE,
          PROXY_CONNECTION,
          Headers.PROXY_AUTHENTICATE,
          Headers.PROXY_AUTHORIZATION,
          Headers.TE,
          Headers.TRAILER);

  /** What only a proxy may say; the balancer says all of it anew. */
  private static final List<HttpString> OURS =
      List.of(
          Headers.X_FORWARDED_FOR,
          Headers.X_FORWARDED_PROTO,
          Headers.X_FORWARDED_HOST,
          Headers.X_FORWARDED_PORT,
          Headers.X_FORWARDED_SERVER,
          FORWARDED,
          new HttpString(BalancerMark.HEADER));

  private Exchanges() {}

  /** Whether the path is one that nodes keep to themselves, however it is written. */
  static boolean internal(HttpServerExchange exchange) {
    List<String> segments = new ArrayList<>();
    for (String segment :
        CanonicalPathUtils.canonicalize(exchange.getRequestPath()).split("/", -1)) {
      String name = segment.contains(";") ? segment.substring(0, segment.indexOf(';')) : segment;
      if (!name.isEmpty()) {
        segments.add(name);
      }
    }
    return segments.size() >= 2
        && segments.get(0).equals("plenum")
        && segments.get(1).equals("internal");
  }

  /** Whether two readers could see different bodies in it. */
  static boolean ambiguous(HttpServerExchange exchange) {
    HeaderMap headers = exchange.getRequestHeaders();
    return headers.contains(Headers.TRANSFER_ENCODING) && headers.contains(Headers.CONTENT_LENGTH);
  }

  /** Whether it asks for a WebSocket. */
  static boolean webSocket(HttpServerExchange exchange) {
    String upgrade = exchange.getRequestHeaders().getFirst(Headers.UPGRADE);
    return upgrade != null
        && upgrade.toLowerCase(Locale.ROOT).equals(WEBSOCKET)
        && exchange.getRequestMethod().equals(Methods.GET);
  }

  /** Whether it stays open for hours. */
  static boolean stream(HttpServerExchange exchange) {
    return webSocket(exchange) || STREAMS.contains(exchange.getRequestPath());
  }

  /** Whether it may be sent twice: a read, or a write with a client id. */
  static boolean repeatable(HttpServerExchange exchange) {
    HttpString method = exchange.getRequestMethod();
    return method.equals(Methods.GET)
        || method.equals(Methods.HEAD)
        || method.equals(Methods.OPTIONS)
        || exchange.getRequestHeaders().contains(IDEMPOTENCY_KEY);
  }

  /**
   * Takes out of the request what is not for the node: what is of the client's connection alone,
   * wishes for other protocols than WebSocket, and what only a proxy may say.
   */
  static void cleanRequest(HttpServerExchange exchange) {
    HeaderMap headers = exchange.getRequestHeaders();
    boolean webSocket = webSocket(exchange);
    if (wantsClose(headers)) {
      // The server itself sees it only where it stands alone.
      exchange.setPersistent(false);
    }
    cleanHop(headers);
    OURS.forEach(headers::remove);
    headers.remove(Headers.UPGRADE);
    if (webSocket) {
      headers.put(Headers.UPGRADE, WEBSOCKET);
      headers.put(Headers.CONNECTION, Headers.UPGRADE_STRING);
    }
  }

  /** Takes out of the answer what is of the node's connection alone. */
  static void cleanResponse(HttpServerExchange exchange) {
    if (exchange.getStatusCode() != 101) {
      cleanHop(exchange.getResponseHeaders());
      exchange.getResponseHeaders().remove(Headers.UPGRADE);
    }
  }

  private static boolean wantsClose(HeaderMap headers) {
    HeaderValues connection = headers.get(Headers.CONNECTION);
    return connection != null
        && connection.stream()
            .flatMap(value -> Stream.of(value.split(",", -1)))
            .anyMatch(option -> option.strip().equalsIgnoreCase("close"));
  }

  private static void cleanHop(HeaderMap headers) {
    HeaderValues connection = headers.get(Headers.CONNECTION);
    if (connection != null) {
      for (String value : List.copyOf(connection)) {
        for (String name : value.split(",", -1)) {
          HttpString named = HttpString.tryFromString(name.strip());
          // How the body is framed is not the sender's to take out.
          if (named != null
              && !named.equals(Headers.TRANSFER_ENCODING)
              && !named.equals(Headers.CONTENT_LENGTH)
              && !named.equals(Headers.HOST)) {
            headers.remove(named);
          }
        }
      }
      headers.remove(Headers.CONNECTION);
    }
    HOP.forEach(headers::remove);
  }
}
