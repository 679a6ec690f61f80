package org.plenum.web.error;

import jakarta.ws.rs.NotAllowedException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.CorrelationId;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/**
 * The one translator of failures to answers. A client's fault is logged at FINE, a fault that heals
 * at INFO, a bug at SEVERE; nothing else logs what it throws.
 */
@Provider
public class ProblemMapper implements ExceptionMapper<Throwable> {
  private static final Logger LOG = Logger.getLogger(ProblemMapper.class.getName());

  @Override
  public Response toResponse(Throwable thrown) {
    if (thrown instanceof WebApplicationException web && web.getResponse().getStatus() < 400) {
      return web.getResponse();
    }
    ServiceException fault = Faults.of(thrown);
    log(fault, thrown);
    Response.ResponseBuilder response = response(Problem.of(fault, CorrelationId.current()));
    if (thrown instanceof NotAllowedException notAllowed) {
      response.header(
          HttpHeaders.ALLOW, notAllowed.getResponse().getHeaderString(HttpHeaders.ALLOW));
    }
    return response.build();
  }

  /** The answer that carries a problem. */
  public static Response.ResponseBuilder response(Problem problem) {
    Response.ResponseBuilder response =
        Response.status(problem.code().status())
            .type(Problem.MEDIA_TYPE)
            .header(HttpHeaders.CACHE_CONTROL, "no-store")
            .entity(problem.json());
    if (problem.retryAfterSeconds() > 0) {
      response.header(HttpHeaders.RETRY_AFTER, problem.retryAfterSeconds());
    }
    if (problem.code().status() == 401) {
      response.header(HttpHeaders.WWW_AUTHENTICATE, "Bearer realm=\"plenum\"");
    }
    return response;
  }

  private static void log(ServiceException fault, @Nullable Throwable thrown) {
    if (fault.code() == ErrorCode.INTERNAL) {
      LOG.log(Level.SEVERE, "a request failed", thrown);
    } else if (fault.code().status() >= 500) {
      LOG.log(Level.INFO, () -> fault.code() + ": " + fault.detail());
    } else {
      LOG.log(Level.FINE, () -> fault.code() + ": " + fault.detail());
    }
  }
}
