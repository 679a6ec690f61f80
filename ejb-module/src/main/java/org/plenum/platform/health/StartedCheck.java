package org.plenum.platform.health;

import jakarta.ejb.EJB;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Startup;

/** Started once the deployment check passed and the schema is at this version. */
@Startup
@ApplicationScoped
public class StartedCheck implements HealthCheck {
  @EJB private DeploymentCheck check;

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("plenum-started")
        .up()
        .withData("database", check.database())
        .build();
  }
}
