package org.plenum.web.health;

import jakarta.annotation.PostConstruct;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.config.Config;
import org.plenum.platform.config.ConfigCatalog;
import org.plenum.platform.config.ConfigKey;
import org.plenum.platform.config.KnownConfig;
import org.plenum.platform.health.DeploymentCheck;

/**
 * Refuses a deployment with values that cannot be used or with names under {@code plenum.} that no
 * feature knows: a misspelt key is a setting that silently does not count.
 */
@Singleton
@Startup
@TransactionManagement(TransactionManagementType.BEAN)
public class WebDeploymentCheck {
  /** Checks the configuration of all modules. */
  @PostConstruct
  public void check() {
    Config config = KnownConfig.get();
    List<ConfigKey<?>> keys = ConfigCatalog.keys(WebDeploymentCheck.class.getClassLoader());
    List<String> problems = new ArrayList<>(ConfigCatalog.badValues(config, keys));
    problems.addAll(ConfigCatalog.unknownNames(config, keys));
    DeploymentCheck.refuse(problems);
  }
}
