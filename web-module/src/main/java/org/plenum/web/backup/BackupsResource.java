package org.plenum.web.backup;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.plenum.backup.api.BackupService;
import org.plenum.web.api.Call;
import org.plenum.web.api.ListResponse;
import org.plenum.web.error.Problem;
import org.plenum.web.error.ProblemSchema;

/** Backups of this node (GRP-9); for platform administrators. */
@Path("/backups")
@ApplicationScoped
@Tag(name = "Backups")
@Produces(MediaType.APPLICATION_JSON)
public class BackupsResource {
  @Inject private BackupService backups;

  @GET
  @Operation(
      summary = "Backups of this node, newest first",
      description =
          "Those in the configured folder, before them the one that is made now and the last one"
              + " that failed since the node started. Their number is bounded by"
              + " plenum.backup.keep, so there are no pages.")
  @APIResponse(
      responseCode = "default",
      description = "Problems: FORBIDDEN, READ_UNAVAILABLE",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public ListResponse<BackupResponse> list(@Context ContainerRequestContext context) {
    Call.of(context).requireAdmin();
    return new ListResponse<>(backups.list().stream().map(BackupResponse::of).toList(), null);
  }

  @POST
  @Operation(
      summary = "Begin a backup of this node while it serves",
      description =
          "Answers 202 at once; the list shows how far it is. On H2 only: PostgreSQL has its own"
              + " tools, which './plenum backup' runs.")
  @APIResponse(
      responseCode = "202",
      description = "The backup that was begun",
      content = @Content(schema = @Schema(implementation = BackupResponse.class)))
  @APIResponse(
      responseCode = "default",
      description = "Problems: FORBIDDEN, BACKUP_RUNNING, BACKUP_ELSEWHERE, READ_UNAVAILABLE",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public Response begin(@Context ContainerRequestContext context) {
    Call.of(context).requireAdmin();
    return Response.accepted(BackupResponse.of(backups.begin())).build();
  }
}
