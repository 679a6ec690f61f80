package org.plenum.web.edge;

import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plenum.balancer.api.BalancerMark;

/**
 * Tells the address of the client: the one that the connection comes from, or, when that is a load
 * balancer that is trusted, the one that it names. Whatever others write into the header counts for
 * nothing, or a limit by address would be theirs to escape. Immutable.
 */
public final class ClientAddresses {
  private static final String FORWARDED_FOR = "X-Forwarded-For";

  private final List<Network> trusted;
  private final @Nullable BalancerMark mark;

  /**
   * Addresses behind these proxies.
   *
   * @param mark of requests that came through a peer's balancer, null when there are none
   */
  ClientAddresses(List<Network> trusted, @Nullable BalancerMark mark) {
    this.trusted = List.copyOf(trusted);
    this.mark = mark;
  }

  /** The client's address as text. */
  public String of(HttpServletRequest request) {
    List<String> hops = new ArrayList<>();
    for (String header : Collections.list(request.getHeaders(FORWARDED_FOR))) {
      for (String hop : header.split(",", -1)) {
        hops.add(hop.strip());
      }
    }
    String address = request.getRemoteAddr();
    boolean believed =
        (mark != null && mark.isOn(request.getHeader(BalancerMark.HEADER))) || trusts(address);
    // From the nearest hop outwards, as long as whoever says it is trusted.
    for (int i = hops.size() - 1; i >= 0 && believed; i--) {
      Optional<InetAddress> hop = Network.parse(hops.get(i));
      if (hop.isEmpty()) {
        return address;
      }
      address = hop.get().getHostAddress();
      believed = trusts(address);
    }
    return address;
  }

  private boolean trusts(String address) {
    return !trusted.isEmpty()
        && Network.parse(address)
            .map(parsed -> trusted.stream().anyMatch(network -> network.contains(parsed)))
            .orElse(false);
  }
}
