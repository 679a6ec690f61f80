package org.plenum.web.edge;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.plenum.balancer.api.BalancerMark;
import org.plenum.platform.NodeConfig;
import org.plenum.platform.config.KnownConfig;

/** Builds what the edge of the node shares. */
@ApplicationScoped
public class EdgeBeans {
  /** The configuration of this feature. */
  @Produces
  @Singleton
  public EdgeConfig edgeConfig() {
    return EdgeConfig.from(KnownConfig.get());
  }

  /** Where requests come from. */
  @Produces
  @Singleton
  public ClientAddresses clientAddresses(EdgeConfig edge) {
    return new ClientAddresses(
        edge.trustedProxies().stream().map(Network::of).toList(),
        BalancerMark.of(NodeConfig.from(KnownConfig.get())).orElse(null));
  }

  /** The one origin policy, for CORS and for sockets. */
  @Produces
  @Singleton
  public OriginPolicy originPolicy(EdgeConfig edge) {
    return new OriginPolicy(edge.allowedOrigins());
  }
}
