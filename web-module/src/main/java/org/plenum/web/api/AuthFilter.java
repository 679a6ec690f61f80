package org.plenum.web.api;

import jakarta.annotation.Priority;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.core.HttpHeaders;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.web.auth.Caller;
import org.plenum.web.auth.TokenVerifier;
import org.plenum.web.limits.RateLimiter;

/** Demands a bearer token and keeps the caller within its rate. */
@Priority(Priorities.AUTHENTICATION)
final class AuthFilter implements ContainerRequestFilter {
  private static final String SCHEME = "Bearer ";

  private final TokenVerifier verifier;
  private final @Nullable RateLimiter<Long> limiter;

  /**
   * A gate.
   *
   * @param limiter null when the operation keeps the rate itself
   */
  AuthFilter(TokenVerifier verifier, @Nullable RateLimiter<Long> limiter) {
    this.verifier = verifier;
    this.limiter = limiter;
  }

  @Override
  public void filter(ContainerRequestContext request) {
    String header = request.getHeaderString(HttpHeaders.AUTHORIZATION);
    if (header == null || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw new ServiceException(ErrorCode.UNAUTHENTICATED, "a bearer token is required");
    }
    Caller caller = verifier.verify(header.substring(SCHEME.length()).strip());
    if (limiter != null) {
      limiter.acquire(caller.account().id());
    }
    request.setProperty(Call.PROPERTY, new Call(caller, request));
  }
}
