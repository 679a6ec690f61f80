package org.plenum.web.push;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.plenum.platform.CorrelationId;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.web.error.Problem;

/** The opening handshake of RFC 6455, section 4.2, and the problems it is refused with. */
final class Handshake {
  static final String PROTOCOL = "plenum.v1";
  private static final String BEARER_PROTOCOL = "plenum.bearer.";
  private static final String BEARER = "bearer ";
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int KEY_BYTES = 16;

  private Handshake() {}

  /** Whether the request asks for a WebSocket at all. */
  static boolean isUpgrade(HttpServletRequest request) {
    return tokens(request, "Upgrade").contains("websocket")
        && tokens(request, "Connection").contains("upgrade");
  }

  /** Whether the version is the one that is spoken here. */
  static boolean isVersionSpoken(HttpServletRequest request) {
    return "13".equals(request.getHeader("Sec-WebSocket-Version"));
  }

  /**
   * The value of Sec-WebSocket-Accept.
   *
   * @throws ServiceException MALFORMED_REQUEST without a valid key
   */
  static String accept(HttpServletRequest request) {
    String key = request.getHeader("Sec-WebSocket-Key");
    if (key == null || !isKey(key.strip())) {
      throw new ServiceException(ErrorCode.MALFORMED_REQUEST, "Sec-WebSocket-Key is not valid");
    }
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-1");
      byte[] hash = digest.digest((key.strip() + GUID).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }

  private static boolean isKey(String key) {
    try {
      return Base64.getDecoder().decode(key).length == KEY_BYTES;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** The subprotocols offered, in order; names keep their case. */
  static List<String> protocols(HttpServletRequest request) {
    List<String> protocols = new ArrayList<>();
    for (String header : Collections.list(request.getHeaders("Sec-WebSocket-Protocol"))) {
      for (String protocol : header.split(",", -1)) {
        protocols.add(protocol.strip());
      }
    }
    return protocols;
  }

  /**
   * The token of the Authorization header, or of a subprotocol, since a browser's WebSocket sends
   * no headers.
   *
   * @throws ServiceException UNAUTHENTICATED when there is none
   */
  static String token(HttpServletRequest request, List<String> protocols) {
    String header = request.getHeader("Authorization");
    if (header != null && header.toLowerCase(Locale.ROOT).startsWith(BEARER)) {
      return header.substring(BEARER.length()).strip();
    }
    for (String protocol : protocols) {
      if (protocol.startsWith(BEARER_PROTOCOL)) {
        return protocol.substring(BEARER_PROTOCOL.length());
      }
    }
    throw new ServiceException(ErrorCode.UNAUTHENTICATED, "a bearer token is needed");
  }

  /** Answers that the protocol is switched; the caller has the container take the socket over. */
  static void switchProtocols(HttpServletResponse response, String accept, List<String> protocols) {
    response.setStatus(HttpServletResponse.SC_SWITCHING_PROTOCOLS);
    response.setHeader("Upgrade", "websocket");
    response.setHeader("Connection", "Upgrade");
    response.setHeader("Sec-WebSocket-Accept", accept);
    if (protocols.contains(PROTOCOL)) {
      response.setHeader("Sec-WebSocket-Protocol", PROTOCOL);
    }
  }

  /** Answers with a problem (RFC 9457). */
  static void refuse(HttpServletResponse response, ServiceException e) throws IOException {
    Problem problem = Problem.of(e, CorrelationId.current());
    int status = problem.code().status();
    response.setStatus(status);
    if (status == HttpServletResponse.SC_UNAUTHORIZED) {
      response.setHeader("WWW-Authenticate", "Bearer");
    }
    if (problem.retryAfterSeconds() > 0) {
      response.setHeader("Retry-After", Long.toString(problem.retryAfterSeconds()));
    }
    response.setHeader("Cache-Control", "no-store");
    response.setContentType(Problem.MEDIA_TYPE);
    byte[] body = problem.json();
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }

  private static List<String> tokens(HttpServletRequest request, String header) {
    List<String> tokens = new ArrayList<>();
    for (String value : Collections.list(request.getHeaders(header))) {
      for (String token : value.split(",", -1)) {
        tokens.add(token.strip().toLowerCase(Locale.ROOT));
      }
    }
    return tokens;
  }
}
