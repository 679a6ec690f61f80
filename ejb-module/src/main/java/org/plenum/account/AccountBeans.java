package org.plenum.account;

import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.enterprise.inject.Typed;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.WorkerPool;
import org.plenum.platform.config.KnownConfig;
import org.plenum.platform.metrics.Meters;
import org.plenum.update.UpdateStream;

/** Builds what {@link AccountServiceBean} is a shell of. */
@ApplicationScoped
public class AccountBeans {
  private static final int REFRESHERS = 2;
  private static final int MAX_WAITING = 20_000;

  @Inject private JpaAccountRepository repository;

  @Inject private UpdateStream stream;

  @Inject private Meters meters;

  @Resource(lookup = "java:comp/DefaultManagedThreadFactory")
  private ManagedThreadFactory threads;

  private @Nullable WorkerPool refreshing;

  @PreDestroy
  void stop() {
    if (refreshing != null) {
      refreshing.close();
    }
  }

  /** The configuration of this feature. */
  @Produces
  @Singleton
  public AccountConfig accountConfig() {
    return AccountConfig.from(KnownConfig.get());
  }

  @Produces
  @Singleton
  @Typed(Accounts.class)
  Accounts accounts(AccountConfig accountConfig) {
    WorkerPool pool = new WorkerPool("account-refresh", REFRESHERS, MAX_WAITING, threads, meters);
    refreshing = pool;
    Accounts accounts =
        new Accounts(
            repository,
            new AccountCache(repository, accountConfig, pool),
            new PasswordHasher(accountConfig.hashIterations()),
            accountConfig,
            Clock.systemUTC());
    accounts.follow(stream);
    return accounts;
  }
}
