package org.plenum.cluster;

import jakarta.annotation.PostConstruct;
import jakarta.ejb.DependsOn;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import jakarta.inject.Inject;
import java.util.logging.Logger;

/** Starts telling the other nodes with the application, after the schema. */
@Singleton
@Startup
@DependsOn("SchemaMigration")
@TransactionManagement(TransactionManagementType.BEAN)
public class ClusterStartup {
  private static final Logger LOG = Logger.getLogger(ClusterStartup.class.getName());

  @Inject private ClusterNodeBean cluster;

  @PostConstruct
  void start() {
    String name = cluster.view().answeredBy();
    LOG.info(() -> name + " tells the other nodes how it is");
  }
}
