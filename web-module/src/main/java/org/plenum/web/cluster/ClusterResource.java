package org.plenum.web.cluster;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.plenum.cluster.api.ClusterService;
import org.plenum.web.api.Call;
import org.plenum.web.error.Problem;
import org.plenum.web.error.ProblemSchema;

/** The cluster as the node that answers sees it; for platform administrators. */
@Path("/cluster")
@ApplicationScoped
@Tag(name = "Cluster")
@Produces(MediaType.APPLICATION_JSON)
public class ClusterResource {
  @Inject private ClusterService cluster;

  @GET
  @Operation(
      summary = "Nodes, leader, applier, lag, rates, database and replicas, and what is wrong",
      description =
          "Answered from memory, some seconds old at most. Rates are those of the last 10 s; what a"
              + " node does not say is null.")
  @APIResponse(
      responseCode = "default",
      description = "Problems: FORBIDDEN",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public ClusterResponse cluster(@Context ContainerRequestContext context) {
    Call.of(context).requireAdmin();
    return ClusterResponse.of(cluster.view());
  }
}
