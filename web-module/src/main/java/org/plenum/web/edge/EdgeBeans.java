package org.plenum.web.edge;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.Config;
import org.plenum.balancer.api.BalancerMark;
import org.plenum.platform.NodeConfig;

/** Builds what the edge of the node shares. */
@ApplicationScoped
public class EdgeBeans {
  @Inject Config config;

  /** The configuration of this feature. */
  @Produces
  @Singleton
  public EdgeConfig edgeConfig() {
    return EdgeConfig.from(config);
  }

  /** Where requests come from. */
  @Produces
  @Singleton
  public ClientAddresses clientAddresses(EdgeConfig edge) {
    return new ClientAddresses(
        edge.trustedProxies().stream().map(Network::of).toList(),
        BalancerMark.of(NodeConfig.from(config)).orElse(null));
  }

  /** The one origin policy, for CORS and for sockets. */
  @Produces
  @Singleton
  public OriginPolicy originPolicy(EdgeConfig edge) {
    return new OriginPolicy(edge.allowedOrigins());
  }
}
