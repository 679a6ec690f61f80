package org.plenum.web.push;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Map;
import org.plenum.platform.health.HealthProbe;

/** Whether updates can reach the sockets of this node. */
@ApplicationScoped
public class PushProbe implements HealthProbe {
  @Inject private PushBean push;

  @Override
  public String name() {
    return "push";
  }

  @Override
  public boolean up() {
    return push.alive();
  }

  @Override
  public Map<String, String> facts() {
    return Map.of();
  }
}
