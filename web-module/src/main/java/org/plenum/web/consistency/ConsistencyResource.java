package org.plenum.web.consistency;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.reader.api.ConsistencyService;
import org.plenum.web.api.Call;
import org.plenum.web.error.Problem;
import org.plenum.web.error.ProblemSchema;

/**
 * The consistency report (GRP-5); for platform administrators. Every compared value is read from
 * the database, so the sample is bounded and one report runs at a time on a node.
 */
@Path("/consistency")
@ApplicationScoped
@Tag(name = "Consistency")
@Produces(MediaType.APPLICATION_JSON)
public class ConsistencyResource {
  private static final int MAX_SAMPLE = 1_000;

  private final Semaphore turn = new Semaphore(1);

  @Inject private ConsistencyService caches;

  @GET
  @Operation(
      summary = "Compare the caches of this node with the database",
      description =
          "Groups, runs of entries and accounts of the reader's memory against the database, up to"
              + " sample (1 to 1,000) of each kind. What differs only while an update is on its way"
              + " is no difference.")
  @APIResponse(
      responseCode = "default",
      description = "Problems: INVALID_VALUE, FORBIDDEN, READ_UNAVAILABLE",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public ConsistencyResponse report(
      @QueryParam("sample") @DefaultValue("100") String sample,
      @Context ContainerRequestContext context) {
    Call.of(context).requireAdmin();
    long size = Call.number(sample, "sample", 1);
    if (size > MAX_SAMPLE) {
      throw new ServiceException(ErrorCode.INVALID_VALUE, "sample is at most " + MAX_SAMPLE);
    }
    if (!turn.tryAcquire()) {
      throw new ServiceException(
          ErrorCode.READ_UNAVAILABLE,
          "another report is being made on this node",
          Duration.ofSeconds(5),
          null);
    }
    try {
      return ConsistencyResponse.of(caches.consistency((int) size));
    } finally {
      turn.release();
    }
  }
}
