package org.plenum.balancer;

import jakarta.annotation.PostConstruct;
import jakarta.ejb.DependsOn;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import jakarta.inject.Inject;
import java.util.logging.Logger;

/** Starts the balancer with the application, where it is switched on. */
@Singleton
@Startup
@DependsOn("SchemaMigration")
@TransactionManagement(TransactionManagementType.BEAN)
public class BalancerStartup {
  private static final Logger LOG = Logger.getLogger(BalancerStartup.class.getName());

  @Inject private BalancerBean balancer;

  @PostConstruct
  void start() {
    String address = balancer.address();
    LOG.fine(() -> address.isEmpty() ? "this node does not balance" : "balances on " + address);
  }
}
