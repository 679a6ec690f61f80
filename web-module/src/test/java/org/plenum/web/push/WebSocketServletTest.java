package org.plenum.web.push;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/** The handshake, with a request and a response in memory. */
class WebSocketServletTest {
  private final Map<String, String> asked = new HashMap<>();
  private final Map<String, String> answered = new HashMap<>();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private String method = "GET";
  private int status = 200;
  private @Nullable ServiceException refusal;

  private final WebSocketServlet servlet =
      new WebSocketServlet() {
        private static final long serialVersionUID = 1L;

        @Override
        void upgrade(HttpServletRequest request, HttpServletResponse response) {
          if (refusal != null) {
            throw refusal;
          }
          Handshake.switchProtocols(
              response, Handshake.accept(request), Handshake.protocols(request));
        }
      };

  WebSocketServletTest() {
    asked.put("Upgrade", "websocket");
    asked.put("Connection", "keep-alive, Upgrade");
    asked.put("Sec-WebSocket-Version", "13");
    asked.put("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
  }

  private void serve() throws Exception {
    servlet.service(request(), response());
  }

  private HttpServletRequest request() {
    return (HttpServletRequest)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {HttpServletRequest.class},
            (proxy, call, arguments) ->
                switch (call.getName()) {
                  case "getMethod" -> method;
                  case "getHeader" -> asked.get((String) arguments[0]);
                  case "getHeaders" -> {
                    String value = asked.get((String) arguments[0]);
                    yield Collections.enumeration(value == null ? List.of() : List.of(value));
                  }
                  default -> throw new UnsupportedOperationException(call.toString());
                });
  }

  private HttpServletResponse response() {
    return (HttpServletResponse)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {HttpServletResponse.class},
            (proxy, call, arguments) -> {
              switch (call.getName()) {
                case "setStatus" -> status = (int) arguments[0];
                case "setHeader" -> answered.put((String) arguments[0], (String) arguments[1]);
                case "setContentType" -> answered.put("Content-Type", (String) arguments[0]);
                case "setContentLength" -> {}
                case "getOutputStream" -> {
                  return output();
                }
                default -> throw new UnsupportedOperationException(call.toString());
              }
              return null;
            });
  }

  private ServletOutputStream output() {
    return new ServletOutputStream() {
      @Override
      public boolean isReady() {
        return true;
      }

      @Override
      public void setWriteListener(WriteListener listener) {
        throw new UnsupportedOperationException();
      }

      @Override
      public void write(int octet) {
        body.write(octet);
      }
    };
  }

  @Test
  void aHandshakeIsAnsweredAsTheStandardSays() throws Exception {
    asked.put("Sec-WebSocket-Protocol", "other, plenum.v1");
    serve();
    assertThat(status).isEqualTo(101);
    assertThat(answered)
        .containsOnly(
            Map.entry("Upgrade", "websocket"),
            Map.entry("Connection", "Upgrade"),
            Map.entry("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
            Map.entry("Sec-WebSocket-Protocol", "plenum.v1"));
    assertThat(body.size()).isZero();
  }

  @Test
  void aProtocolThatIsNotOursIsNotChosen() throws Exception {
    asked.put("Sec-WebSocket-Protocol", "other");
    serve();
    assertThat(status).isEqualTo(101);
    assertThat(answered).doesNotContainKey("Sec-WebSocket-Protocol");
  }

  @Test
  void onlyGetIsOffered() throws Exception {
    method = "POST";
    serve();
    assertThat(status).isEqualTo(405);
    assertThat(answered).containsEntry("Allow", "GET");
  }

  @Test
  void whatAsksForNoWebSocketIsToldToAndGetsNoUpgradeHeader() throws Exception {
    asked.remove("Upgrade");
    serve();
    assertThat(status).isEqualTo(426);
    assertThat(answered).containsEntry("Sec-WebSocket-Version", "13").doesNotContainKey("Upgrade");
  }

  @Test
  void anotherVersionIsToldOurs() throws Exception {
    asked.put("Sec-WebSocket-Version", "8");
    serve();
    assertThat(status).isEqualTo(426);
    assertThat(answered).containsEntry("Sec-WebSocket-Version", "13");
  }

  @Test
  void aKeyThatIsNoneIsMalformed() throws Exception {
    asked.put("Sec-WebSocket-Key", "short");
    serve();
    assertThat(status).isEqualTo(400);
  }

  @Test
  void whoIsRefusedGetsTheProblem() throws Exception {
    refusal = new ServiceException(ErrorCode.UNAUTHENTICATED, "a bearer token is needed");
    serve();
    assertThat(status).isEqualTo(401);
    assertThat(answered).containsEntry("WWW-Authenticate", "Bearer");
    assertThat(body.toString(UTF_8)).contains("UNAUTHENTICATED");
  }
}
