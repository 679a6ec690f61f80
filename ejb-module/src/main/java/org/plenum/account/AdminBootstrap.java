package org.plenum.account;

import jakarta.annotation.PostConstruct;
import jakarta.ejb.DependsOn;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import jakarta.inject.Inject;
import java.util.logging.Logger;
import org.plenum.account.api.AccountService;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/**
 * Makes the configured first administrator while there is none. An account that exists is never
 * changed: neither its password nor its rights.
 */
@Singleton
@Startup
@DependsOn("SchemaMigration")
@TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
public class AdminBootstrap {
  private static final Logger LOG = Logger.getLogger(AdminBootstrap.class.getName());

  @Inject private AccountConfig config;
  @Inject private JpaAccountRepository repository;

  /** Made here, at the start: of another history it is told before those who have sockets are. */
  @Inject private Accounts accounts;

  @PostConstruct
  void start() {
    run(config, repository, accounts);
  }

  static void run(AccountConfig config, AccountRepository repository, AccountService accounts) {
    if (config.bootstrapName().isEmpty() || repository.anyAdmin()) {
      return;
    }
    if (config.bootstrapPassword().isEmpty()) {
      throw new ServiceException(
          ErrorCode.INVALID_VALUE,
          "configuration key "
              + AccountConfig.BOOTSTRAP_PASSWORD.name()
              + " is required with "
              + AccountConfig.BOOTSTRAP_NAME.name());
    }
    try {
      accounts.create(
          config.bootstrapName(), config.bootstrapName(), true, config.bootstrapPassword());
      LOG.info(() -> "made the first administrator, " + config.bootstrapName());
    } catch (ServiceException e) {
      if (e.code() != ErrorCode.ACCOUNT_NAME_TAKEN) {
        throw e;
      }
      LOG.warning(
          () -> "no administrator made: the account " + config.bootstrapName() + " exists already");
    }
  }
}
