package org.plenum.update;

import jakarta.annotation.PostConstruct;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Map;
import org.eclipse.microprofile.config.ConfigProvider;
import org.plenum.platform.ServiceException;
import org.plenum.platform.health.HealthConfig;
import org.plenum.platform.health.HealthProbe;

/** How far this node is behind the update log, and whether it follows it at all. */
@ApplicationScoped
public class UpdateStreamProbe implements HealthProbe {
  @Inject private UpdateStreamBean stream;
  @Inject private UpdateLog log;

  private volatile int bound = Integer.MAX_VALUE;
  private volatile long lag;

  @PostConstruct
  void configure() {
    bound = HealthConfig.from(ConfigProvider.getConfig()).lag();
  }

  @Override
  public String name() {
    return "updates";
  }

  @Override
  public boolean up() {
    try {
      long applied = stream.appliedRevision();
      if (!stream.alive()) {
        return false;
      }
      lag = Math.max(0, log.lastRevision() - applied);
    } catch (ServiceException e) {
      // Without the database the log does not grow either: the last known lag stands.
      return lag <= bound;
    }
    return lag <= bound;
  }

  @Override
  public Map<String, String> facts() {
    return Map.of("applied", Long.toString(stream.appliedRevision()), "behind", Long.toString(lag));
  }
}
