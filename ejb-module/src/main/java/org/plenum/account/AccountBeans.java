package org.plenum.account;

import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.enterprise.inject.Typed;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import org.eclipse.microprofile.config.Config;

/** Builds what {@link AccountServiceBean} is a shell of. */
@ApplicationScoped
public class AccountBeans {
  @Inject private Config config;
  @Inject private JpaAccountRepository repository;

  @Resource(lookup = "java:comp/DefaultManagedExecutorService")
  private ManagedExecutorService executor;

  /** The configuration of this feature. */
  @Produces
  @Singleton
  public AccountConfig accountConfig() {
    return AccountConfig.from(config);
  }

  @Produces
  @Singleton
  @Typed(Accounts.class)
  Accounts accounts(AccountConfig accountConfig) {
    return new Accounts(
        repository,
        new AccountCache(repository, accountConfig, executor),
        new PasswordHasher(accountConfig.hashIterations()),
        accountConfig,
        Clock.systemUTC());
  }
}
