package org.plenum.web.limits;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.plenum.platform.config.KnownConfig;

/** Builds the node's one set of limiters. */
@ApplicationScoped
public class LimitsBeans {
  /** The configuration of this feature. */
  @Produces
  @Singleton
  public LimitsConfig limitsConfig() {
    return LimitsConfig.from(KnownConfig.get());
  }

  /** The limiters. */
  @Produces
  @Singleton
  public RateLimits rateLimits(LimitsConfig limits) {
    return RateLimits.of(limits);
  }
}
