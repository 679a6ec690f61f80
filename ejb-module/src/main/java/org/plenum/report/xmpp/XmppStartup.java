package org.plenum.report.xmpp;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.ejb.DependsOn;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import jakarta.inject.Inject;
import java.util.logging.Logger;

/** Starts the XMPP intake with the application, after the schema, and ends it before the rest. */
@Singleton
@Startup
@DependsOn("SchemaMigration")
@TransactionManagement(TransactionManagementType.BEAN)
public class XmppStartup {
  private static final Logger LOG = Logger.getLogger(XmppStartup.class.getName());

  @Inject private XmppBeans intake;

  @PostConstruct
  void start() {
    LOG.info(() -> "XMPP intake: " + intake.connections().size() + " servers are configured");
  }

  @PreDestroy
  void stop() {
    intake.stop();
  }
}
