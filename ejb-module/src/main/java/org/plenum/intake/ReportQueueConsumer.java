package org.plenum.intake;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Priority;
import jakarta.annotation.Resource;
import jakarta.ejb.DependsOn;
import jakarta.ejb.EJB;
import jakarta.ejb.Lock;
import jakarta.ejb.LockType;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ApplicationStops;
import org.plenum.platform.config.KnownConfig;

/** Consumes {@code ReportQueue} in batches, on one thread for the order's sake. */
@Singleton
@Startup
@DependsOn("ReportQueueBean")
@Lock(LockType.READ)
@TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
public class ReportQueueConsumer {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @EJB private JmsReportBatch batch;
  @Inject private ReportIntake intake;

  @Resource(lookup = "java:comp/DefaultManagedThreadFactory")
  private ManagedThreadFactory threads;

  private @Nullable IntakeThread thread;

  @PostConstruct
  void start() {
    Config config = KnownConfig.get();
    if (IntakeConfig.REPORTS.from(config)) {
      Duration delay = IntakeConfig.REDELIVERY_DELAY.from(config);
      IntakeLoop loop =
          new IntakeLoop(batch::take, intake::ready, () -> {}, delay, Clock.systemUTC());
      thread = IntakeThread.start(loop, threads, "plenum-report-queue");
    }
  }

  /** Ends as {@link #stop()} does, when the server stops. */
  public void applicationStops(
      @Observes @Priority(ApplicationStops.CONSUMERS) ApplicationStops event) {
    stop();
  }

  @PreDestroy
  void stop() {
    if (thread != null) {
      thread.stop(PATIENCE);
    }
  }
}
