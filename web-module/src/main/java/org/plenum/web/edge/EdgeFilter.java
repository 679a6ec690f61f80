package org.plenum.web.edge;

import jakarta.inject.Inject;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.annotation.WebFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.CorrelationId;
import org.plenum.platform.CorrelationLogHandler;
import org.plenum.platform.ServiceException;
import org.plenum.web.error.Problem;

/**
 * What every request passes first: it gets its correlation id, the answer its security headers, and
 * a foreign origin is sent away before anything is read. Thread-safe.
 */
@WebFilter(urlPatterns = "/*", asyncSupported = true)
public class EdgeFilter implements Filter {
  /** The request and response header of the correlation id. */
  public static final String CORRELATION_HEADER = "X-Correlation-Id";

  private static final String API = "/api/";
  private static final String ALLOWED_HEADERS =
      "Authorization, Content-Type, Idempotency-Key, If-None-Match, Plenum-Durability,"
          + " Plenum-Position, X-Correlation-Id";
  private static final String EXPOSED_HEADERS =
      "ETag, Location, Plenum-Lag, Plenum-Position, Retry-After, X-Correlation-Id";

  @Inject private OriginPolicy origins;
  @Inject private EdgeConfig config;

  private String contentSecurityPolicy = "default-src 'self'";
  private @Nullable CorrelationLogHandler logHandler;

  @Override
  public void init(FilterConfig filter) throws ServletException {
    contentSecurityPolicy = ContentSecurityPolicy.of(config.frameAncestors());
    logHandler = CorrelationLogHandler.install();
  }

  @Override
  public void destroy() {
    if (logHandler != null) {
      logHandler.uninstall();
    }
  }

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (request instanceof HttpServletRequest http && response instanceof HttpServletResponse out) {
      String id = CorrelationId.of(http.getHeader(CORRELATION_HEADER));
      CorrelationId.bind(id);
      try {
        secure(out, id);
        if (admitted(http, out, id)) {
          HttpServletRequest read;
          try {
            read = DeclinedUpgrade.of(http);
          } catch (ServiceException e) {
            refuse(out, e, id);
            return;
          }
          chain.doFilter(read, response);
        }
      } finally {
        CorrelationId.bind(null);
      }
    } else {
      chain.doFilter(request, response);
    }
  }

  private void secure(HttpServletResponse response, String id) {
    response.setHeader(CORRELATION_HEADER, id);
    response.setHeader("Content-Security-Policy", contentSecurityPolicy);
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("Referrer-Policy", "no-referrer");
  }

  /** Whether the request goes on; otherwise it is answered. */
  private boolean admitted(HttpServletRequest request, HttpServletResponse response, String id)
      throws IOException {
    String origin = request.getHeader("Origin");
    if (origin == null || !request.getServletPath().startsWith(API)) {
      return true;
    }
    response.addHeader("Vary", "Origin");
    try {
      origins.require(origin, request.getHeader("Host"));
    } catch (ServiceException e) {
      refuse(response, e, id);
      return false;
    }
    if (!origins.listed(origin)) {
      return true;
    }
    response.setHeader("Access-Control-Allow-Origin", origin);
    response.setHeader("Access-Control-Expose-Headers", EXPOSED_HEADERS);
    if (request.getMethod().equals("OPTIONS")
        && request.getHeader("Access-Control-Request-Method") != null) {
      response.setHeader("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE");
      response.setHeader("Access-Control-Allow-Headers", ALLOWED_HEADERS);
      response.setHeader("Access-Control-Max-Age", "600");
      response.setStatus(HttpServletResponse.SC_NO_CONTENT);
      return false;
    }
    return true;
  }

  private static void refuse(HttpServletResponse response, ServiceException e, String id)
      throws IOException {
    Problem problem = Problem.of(e, id);
    response.setStatus(problem.code().status());
    response.setContentType(Problem.MEDIA_TYPE);
    response.getOutputStream().write(problem.json());
  }
}
