package org.plenum.web.edge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/** A body ends where its length says, though the connector takes all that follows for it. */
class DeclinedUpgradeTest {
  private static final String BODY = "{\"name\":\"ada\"}";

  /** A request of the connector: its body does not end with what was announced. */
  private static HttpServletRequest request(String method, Map<String, String> headers) {
    ByteArrayInputStream endless =
        new ByteArrayInputStream((BODY + "PRI * HTTP/2.0").getBytes(UTF_8));
    Map<String, Object> answers = new HashMap<>();
    answers.put("getMethod", method);
    answers.put(
        "getContentLengthLong", Long.parseLong(headers.getOrDefault("Content-Length", "-1")));
    answers.put("getInputStream", new Bytes(endless));
    return (HttpServletRequest)
        Proxy.newProxyInstance(
            HttpServletRequest.class.getClassLoader(),
            new Class<?>[] {HttpServletRequest.class},
            (proxy, called, arguments) ->
                called.getName().equals("getHeader")
                    ? headers.get((String) arguments[0])
                    : answers.get(called.getName()));
  }

  private static final class Bytes extends ServletInputStream {
    private final ByteArrayInputStream in;

    Bytes(ByteArrayInputStream in) {
      this.in = in;
    }

    @Override
    public int read() {
      return in.read();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
      return in.read(bytes, offset, length);
    }

    @Override
    public boolean isFinished() {
      return in.available() == 0;
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setReadListener(ReadListener listener) {}
  }

  @Test
  void theBodyOfARequestForHttp2EndsWhereItsLengthSays() throws IOException {
    Map<String, String> headers =
        Map.of("Upgrade", "h2c", "Content-Length", String.valueOf(BODY.length()));
    byte[] read = DeclinedUpgrade.of(request("POST", headers)).getInputStream().readNBytes(1_000);
    assertThat(new String(read, UTF_8)).isEqualTo(BODY);

    ServletInputStream single = DeclinedUpgrade.of(request("POST", headers)).getInputStream();
    int bytes = 0;
    while (single.read() >= 0) {
      bytes++;
    }
    assertThat(bytes).isEqualTo(BODY.length());
    assertThat(single.isFinished()).isTrue();

    assertThat(DeclinedUpgrade.of(request("POST", headers)).getReader().readLine()).isEqualTo(BODY);
  }

  @Test
  void aRequestWithoutABodyHasNone() throws IOException {
    HttpServletRequest get = DeclinedUpgrade.of(request("GET", Map.of("Upgrade", "h2c")));
    assertThat(get.getInputStream().read()).isEqualTo(-1);
  }

  @Test
  void aWebSocketsRequestAndOneWithoutUpgradeStayAsTheyAre() {
    HttpServletRequest socket = request("GET", Map.of("Upgrade", "WebSocket"));
    assertThat(DeclinedUpgrade.of(socket)).isSameAs(socket);
    HttpServletRequest plain = request("POST", Map.of("Content-Length", "2"));
    assertThat(DeclinedUpgrade.of(plain)).isSameAs(plain);
    HttpServletRequest odd = request("POST", Map.of("Upgrade", "websocket", "Content-Length", "2"));
    assertThat(DeclinedUpgrade.of(odd)).isNotSameAs(odd);
  }

  @Test
  void chunksWithAnUpgradeAreRefused() {
    HttpServletRequest chunked =
        request("POST", Map.of("Upgrade", "h2c", "Transfer-Encoding", "chunked"));
    ServiceException refused =
        catchThrowableOfType(ServiceException.class, () -> DeclinedUpgrade.of(chunked));
    assertThat(refused.code()).isEqualTo(ErrorCode.LENGTH_REQUIRED);
  }
}
