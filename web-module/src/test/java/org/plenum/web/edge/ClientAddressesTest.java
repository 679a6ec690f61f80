package org.plenum.web.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.plenum.balancer.api.BalancerMark;
import org.plenum.platform.NodeConfig;

/** Whose word on a client's address counts. */
class ClientAddressesTest {
  private static final BalancerMark MARK = mark("a secret of 16 and more");
  private static final ClientAddresses BEHIND =
      new ClientAddresses(List.of(Network.of("10.0.0.0/24"), Network.of("::1")), MARK);
  private static final ClientAddresses ALONE = new ClientAddresses(List.of(), null);

  private static BalancerMark mark(String secret) {
    return BalancerMark.of(new NodeConfig("node1", "http://node1:80", Set.of(), secret))
        .orElseThrow();
  }

  private static HttpServletRequest request(
      String from, @Nullable String mark, String... forwarded) {
    return (HttpServletRequest)
        Proxy.newProxyInstance(
            HttpServletRequest.class.getClassLoader(),
            new Class<?>[] {HttpServletRequest.class},
            (proxy, called, arguments) ->
                switch (called.getName()) {
                  case "getRemoteAddr" -> from;
                  case "getHeader" -> arguments[0].equals("Plenum-Balancer") ? mark : null;
                  case "getHeaders" ->
                      Collections.enumeration(
                          arguments[0].equals("X-Forwarded-For")
                              ? List.of(forwarded)
                              : List.<String>of());
                  default -> throw new UnsupportedOperationException(called.getName());
                });
  }

  @Test
  void whatAClientSaysOfItselfCountsForNothing() {
    assertThat(ALONE.of(request("192.0.2.7", null, "6.6.6.6"))).isEqualTo("192.0.2.7");
    assertThat(BEHIND.of(request("192.0.2.7", null, "6.6.6.6"))).isEqualTo("192.0.2.7");
    assertThat(BEHIND.of(request("192.0.2.7", "guess", "6.6.6.6"))).isEqualTo("192.0.2.7");
    assertThat(BEHIND.of(request("192.0.2.7", mark("another secret, as long").text(), "6.6.6.6")))
        .isEqualTo("192.0.2.7");
    assertThat(ALONE.of(request("192.0.2.7", MARK.text(), "6.6.6.6"))).isEqualTo("192.0.2.7");
  }

  @Test
  void aTrustedProxyNamesTheClient() {
    assertThat(BEHIND.of(request("10.0.0.1", null, "192.0.2.7"))).isEqualTo("192.0.2.7");
    assertThat(BEHIND.of(request("10.0.0.1", null))).isEqualTo("10.0.0.1");
    assertThat(BEHIND.of(request("0:0:0:0:0:0:0:1", null, "2001:db8::7")))
        .isEqualTo("2001:db8:0:0:0:0:0:7");
    // What the client wrote stands in front of what the proxy added.
    assertThat(BEHIND.of(request("10.0.0.1", null, "6.6.6.6, 192.0.2.7"))).isEqualTo("192.0.2.7");
    assertThat(BEHIND.of(request("10.0.0.1", null, "6.6.6.6", "192.0.2.7, 10.0.0.2")))
        .isEqualTo("192.0.2.7");
    assertThat(BEHIND.of(request("10.0.0.1", null, "192.0.2.7, localhost"))).isEqualTo("10.0.0.1");
  }

  @Test
  void thePeersBalancerIsTrustedByItsMarkWhereverItRuns() {
    assertThat(BEHIND.of(request("203.0.113.9", MARK.text(), "192.0.2.7"))).isEqualTo("192.0.2.7");
    assertThat(BEHIND.of(request("203.0.113.9", MARK.text(), "6.6.6.6, 192.0.2.7")))
        .isEqualTo("192.0.2.7");
  }

  @Test
  void aNodeThatIsAloneHasNoMark() {
    assertThat(BalancerMark.of(new NodeConfig("n", "", Set.of(), "a secret of 16 and more")))
        .isEmpty();
  }

  @Test
  void networksAreReadAsTheyAreWrittenAndNamesAreNotLookedUp() throws Exception {
    assertThat(Network.of("10.0.0.0/9").contains(Network.parse("10.127.0.1").orElseThrow()))
        .isTrue();
    assertThat(Network.of("10.0.0.0/9").contains(Network.parse("10.128.0.1").orElseThrow()))
        .isFalse();
    assertThat(Network.of("::/0").contains(Network.parse("10.0.0.1").orElseThrow())).isFalse();
    for (String bad :
        List.of("", "localhost", "10.0.0", "10.0.0.1/33", "10.0.0.1/-1", "300.1.1.1")) {
      assertThatThrownBy(() -> Network.of(bad))
          .as(bad)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
