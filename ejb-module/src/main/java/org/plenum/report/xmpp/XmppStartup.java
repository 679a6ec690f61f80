package org.plenum.report.xmpp;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Priority;
import jakarta.ejb.DependsOn;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.logging.Logger;
import org.plenum.platform.ApplicationStops;

/**
 * Starts the XMPP intake with the application, after the schema and the queue, and ends it before
 * the rest.
 */
@Singleton
@Startup
@DependsOn("ReportQueueBean")
@TransactionManagement(TransactionManagementType.BEAN)
public class XmppStartup {
  private static final Logger LOG = Logger.getLogger(XmppStartup.class.getName());

  @Inject private XmppBeans intake;

  @PostConstruct
  void start() {
    LOG.info(() -> "XMPP intake: " + intake.connections().size() + " servers are configured");
  }

  /** Ends as {@link #stop()} does, when the server stops. */
  public void applicationStops(
      @Observes @Priority(ApplicationStops.CONSUMERS) ApplicationStops event) {
    stop();
  }

  @PreDestroy
  void stop() {
    intake.stop();
  }
}
