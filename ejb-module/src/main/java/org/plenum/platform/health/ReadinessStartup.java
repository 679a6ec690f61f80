package org.plenum.platform.health;

import jakarta.annotation.PostConstruct;
import jakarta.ejb.DependsOn;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Asks every probe for all it says once, in the application's own context, which makes the beans
 * behind them there, and opens readiness. A bean made by a request of a load balancer that asks
 * while the application still loads would hand its threads a context of that moment, and they would
 * end at once.
 */
@Singleton
@Startup
@DependsOn("SchemaMigration")
@TransactionManagement(TransactionManagementType.BEAN)
public class ReadinessStartup {
  private static final Logger LOG = Logger.getLogger(ReadinessStartup.class.getName());

  @Inject private Instance<HealthProbe> probes;
  @Inject private ReadinessGate gate;

  @PostConstruct
  void start() {
    for (HealthProbe probe : probes) {
      try {
        boolean up = probe.up();
        Map<String, String> facts = probe.facts();
        LOG.fine(() -> probe.name() + (up ? " is up " : " is not up yet ") + facts);
      } catch (RuntimeException e) {
        LOG.log(Level.INFO, "health probe " + probe.name() + " does not answer yet", e);
      }
    }
    gate.open();
  }
}
