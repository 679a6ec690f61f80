package org.plenum.platform.health;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.plenum.platform.NodeConfig;
import org.plenum.platform.NodeRole;
import org.plenum.platform.config.KnownConfig;

/** A node without the role of a business node works, but a load balancer sends it no requests. */
@ApplicationScoped
public class RoleProbe implements HealthProbe {
  /**
   * Read once: Payara looks for a value on the data grid too, which may not answer for a minute.
   */
  private final NodeConfig node = NodeConfig.from(KnownConfig.get());

  @Override
  public String name() {
    return "business";
  }

  @Override
  public boolean up() {
    return node.is(NodeRole.BUSINESS);
  }

  @Override
  public Map<String, String> facts() {
    return Map.of(
        "node",
        node.name(),
        "roles",
        String.join(
            ",",
            new TreeSet<>(
                node.roles().stream().map(role -> role.name().toLowerCase(Locale.ROOT)).toList())));
  }
}
