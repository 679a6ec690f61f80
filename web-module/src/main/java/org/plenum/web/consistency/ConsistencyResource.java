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
import org.plenum.cluster.api.ClusterConsistencyService;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.web.api.Call;
import org.plenum.web.error.Problem;
import org.plenum.web.error.ProblemSchema;

/**
 * The consistency report of all nodes (GRP-5); for platform administrators. Every compared value is
 * read from the database, so the sample and each node's time are bounded, and one report runs at a
 * time on a node.
 */
@Path("/consistency")
@ApplicationScoped
@Tag(name = "Consistency")
@Produces(MediaType.APPLICATION_JSON)
public class ConsistencyResource {
  private final Semaphore turn = new Semaphore(1);

  @Inject private ClusterConsistencyService caches;

  @GET
  @Operation(
      summary = "Compare the caches of all nodes with the database",
      description =
          "On each node: groups, runs of entries and accounts of the reader's memory, its window of"
              + " recent updates, and the values of the room's cache as it sees them, against the"
              + " database; up to sample (1 to 1,000) of each kind. All nodes work at once, each"
              + " up to plenum.cluster.consistency-limit. A node that does not answer is named"
              + " with its reason, and complete is false. What differs only while an update is on"
              + " its way is no difference.")
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
    if (size > ClusterConsistencyService.MAX_SAMPLE) {
      throw new ServiceException(
          ErrorCode.INVALID_VALUE, "sample is at most " + ClusterConsistencyService.MAX_SAMPLE);
    }
    if (!turn.tryAcquire()) {
      throw new ServiceException(
          ErrorCode.READ_UNAVAILABLE,
          "another report is being made on this node",
          Duration.ofSeconds(5),
          null);
    }
    try {
      return ConsistencyResponse.of(caches.compare((int) size));
    } finally {
      turn.release();
    }
  }
}
