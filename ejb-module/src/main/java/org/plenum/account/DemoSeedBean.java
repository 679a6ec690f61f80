package org.plenum.account;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.ejb.DependsOn;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.inject.Inject;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.plenum.account.api.AccountService;
import org.plenum.group.api.GroupCommandService;

/** Runs {@link DemoSeed} in the background after start, again until the writer is ready. */
@Singleton
@Startup
@DependsOn("SchemaMigration")
@TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
public class DemoSeedBean {
  private static final Logger LOG = Logger.getLogger(DemoSeedBean.class.getName());
  private static final int ATTEMPTS = 120;
  private static final long PAUSE_MILLIS = 1_000;

  @Inject private AccountConfig config;
  @Inject private AccountService accounts;
  @Inject private GroupCommandService groups;

  @Resource(lookup = "java:comp/DefaultManagedScheduledExecutorService")
  private ManagedScheduledExecutorService scheduler;

  private volatile boolean stopped;

  @PostConstruct
  void start() {
    if (config.demo()) {
      LOG.warning("demo people with well-known passwords sign in here: plenum.demo is true");
      schedule(new DemoSeed(accounts, groups, Clock.systemUTC()), ATTEMPTS);
    }
  }

  @PreDestroy
  void stop() {
    stopped = true;
  }

  private void schedule(DemoSeed seed, int attempts) {
    var unused =
        scheduler.schedule(() -> attempt(seed, attempts), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void attempt(DemoSeed seed, int attempts) {
    boolean done = false;
    try {
      done = seed.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    } catch (RuntimeException e) {
      LOG.log(attempts > 1 ? Level.FINE : Level.WARNING, "the demo could not be seeded", e);
    }
    if (!done && !stopped && attempts > 1) {
      schedule(seed, attempts - 1);
    }
  }
}
