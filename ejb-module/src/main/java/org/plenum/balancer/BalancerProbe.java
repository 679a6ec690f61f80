package org.plenum.balancer;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Map;
import java.util.TreeMap;
import org.plenum.platform.health.HealthProbe;

/**
 * Whether the balancer listens, where it is switched on. How its peers are is told and does not
 * count: they ask each other, and would all be down because one is.
 */
@ApplicationScoped
public class BalancerProbe implements HealthProbe {
  @Inject private BalancerBean balancer;

  @Override
  public String name() {
    return "balancer";
  }

  @Override
  public boolean up() {
    return !balancer.enabled() || balancer.listening();
  }

  @Override
  public Map<String, String> facts() {
    Map<String, String> facts = new TreeMap<>();
    if (!balancer.enabled()) {
      facts.put("state", "off");
      return facts;
    }
    String address = balancer.address();
    facts.put("state", address.isEmpty() ? "stopped" : "listens on " + address);
    for (Peer peer : balancer.peers()) {
      facts.put("peer." + peer.name(), peer.state().name());
    }
    return facts;
  }
}
