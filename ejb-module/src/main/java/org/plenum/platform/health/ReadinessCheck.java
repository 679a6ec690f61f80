package org.plenum.platform.health;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;
import org.jspecify.annotations.Nullable;

/** Ready when every probe is up. The answer is kept for a second, so that polling costs nothing. */
@Readiness
@ApplicationScoped
public class ReadinessCheck implements HealthCheck {
  private static final Logger LOG = Logger.getLogger(ReadinessCheck.class.getName());
  private static final long KEEP_NANOS = Duration.ofSeconds(1).toNanos();

  @Inject private Instance<HealthProbe> probes;
  @Inject private ReadinessGate gate;

  private @Nullable HealthCheckResponse last;
  private long askedAt;

  @Override
  public synchronized HealthCheckResponse call() {
    if (!gate.isOpen()) {
      return HealthCheckResponse.named("plenum").down().withData("state", "starting").build();
    }
    long now = System.nanoTime();
    HealthCheckResponse kept = last;
    if (kept != null && now - askedAt < KEEP_NANOS) {
      return kept;
    }
    HealthCheckResponse asked = ask();
    last = asked;
    askedAt = now;
    return asked;
  }

  private HealthCheckResponse ask() {
    HealthCheckResponseBuilder response = HealthCheckResponse.named("plenum");
    boolean ready = true;
    for (HealthProbe probe : probes) {
      ready &= ask(probe, response);
    }
    return response.status(ready).build();
  }

  private static boolean ask(HealthProbe probe, HealthCheckResponseBuilder response) {
    try {
      boolean up = probe.up();
      response.withData(probe.name(), up ? "UP" : "DOWN");
      probe.facts().forEach((key, value) -> response.withData(probe.name() + "." + key, value));
      return up;
    } catch (RuntimeException e) {
      LOG.log(Level.FINE, "health probe " + probe.name() + " failed", e);
      response.withData(probe.name(), "DOWN");
      response.withData(probe.name() + ".error", String.valueOf(e.getMessage()));
      return false;
    }
  }
}
