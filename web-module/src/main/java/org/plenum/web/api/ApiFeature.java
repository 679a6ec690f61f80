package org.plenum.web.api;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.container.DynamicFeature;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.FeatureContext;
import jakarta.ws.rs.ext.Provider;
import org.plenum.update.UpdateStream;
import org.plenum.web.auth.TokenVerifier;
import org.plenum.web.limits.LimitsConfig;
import org.plenum.web.limits.RateLimits;

/**
 * Puts the gates before each operation when it is deployed, so that no request asks which ones
 * apply: a token, unless the operation is open to all; the caller's rate of reads or writes; a body
 * within bounds.
 */
@Provider
@ApplicationScoped
public class ApiFeature implements DynamicFeature {
  @Inject private TokenVerifier verifier;
  @Inject private RateLimits limits;
  @Inject private LimitsConfig config;
  @Inject private UpdateStream updates;

  @Override
  public void configure(ResourceInfo resource, FeatureContext context) {
    boolean open = resource.getResourceMethod().isAnnotationPresent(OpenToAll.class);
    boolean read = resource.getResourceMethod().isAnnotationPresent(GET.class);
    boolean reports = resource.getResourceMethod().isAnnotationPresent(TakesReports.class);
    if (reports) {
      context.register(new AuthFilter(verifier, null));
    } else if (!open) {
      context.register(new AuthFilter(verifier, read ? limits.reads() : limits.writes()));
    }
    if (read) {
      context.register(new ReadHeadersFilter(updates));
    } else {
      context.register(new BodyFilter(reports ? config.reportBodyBytes() : config.bodyBytes()));
    }
  }
}
