package org.plenum.web.limits;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.Config;

/** Builds the node's one set of limiters. */
@ApplicationScoped
public class LimitsBeans {
  @Inject Config config;

  /** The configuration of this feature. */
  @Produces
  @Singleton
  public LimitsConfig limitsConfig() {
    return LimitsConfig.from(config);
  }

  /** The limiters. */
  @Produces
  @Singleton
  public RateLimits rateLimits(LimitsConfig limits) {
    return RateLimits.of(limits);
  }
}
