package org.plenum.platform.health;

import jakarta.annotation.PostConstruct;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Logger;
import org.eclipse.microprofile.config.Config;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.NodeConfig;
import org.plenum.platform.ServiceException;
import org.plenum.platform.config.ConfigCatalog;
import org.plenum.platform.config.DataFolder;
import org.plenum.platform.config.KnownConfig;

/**
 * Runs before anything else of the application and refuses a deployment that is misconfigured, with
 * all problems at once, in plain words. The keys of the web module are checked by that module.
 */
@Singleton
@Startup
@TransactionManagement(TransactionManagementType.BEAN)
public class DeploymentCheck {
  private static final Logger LOG = Logger.getLogger(DeploymentCheck.class.getName());

  private String database = "";

  /** Checks everything. */
  @PostConstruct
  public void check() {
    Config config = KnownConfig.get();
    List<String> problems =
        new ArrayList<>(
            ConfigCatalog.badValues(
                config, ConfigCatalog.keys(DeploymentCheck.class.getClassLoader())));
    problems.addAll(NodeConfig.problems(config));
    if (problems.isEmpty()) {
      // Before the database is touched, which H2 would make anew.
      refuse(EnvironmentCheck.wholeness(DataFolder.of(config)));
      EnvironmentCheck environment = new EnvironmentCheck(HealthConfig.from(config));
      problems.addAll(environment.folder(DataFolder.of(config)));
      problems.addAll(environment.database("jdbc/plenum"));
      problems.addAll(environment.messaging());
      database = environment.databaseName();
    }
    refuse(problems);
    LOG.info(() -> "deployment check passed, database is " + database);
  }

  /**
   * Ends the deployment when there are problems.
   *
   * @throws ServiceException INVALID_VALUE that lists all of them
   */
  public static void refuse(List<String> problems) {
    if (!problems.isEmpty()) {
      String text = "Plenum cannot start here:\n - " + String.join("\n - ", problems);
      LOG.severe(text);
      throw new ServiceException(ErrorCode.INVALID_VALUE, text);
    }
  }

  /** Product and version of the database. */
  public String database() {
    return database;
  }
}
