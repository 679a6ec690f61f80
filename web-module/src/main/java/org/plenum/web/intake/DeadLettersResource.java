package org.plenum.web.intake;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;
import org.plenum.intake.api.DeadLetterService;
import org.plenum.intake.api.DeadLetterStatus;
import org.plenum.web.api.Call;
import org.plenum.web.api.ListResponse;
import org.plenum.web.error.Problem;
import org.plenum.web.error.ProblemSchema;

/** Dead letters of the command queue; for platform administrators. */
@Path("/dead-letters")
@ApplicationScoped
@Tag(name = "Dead letters")
@Produces(MediaType.APPLICATION_JSON)
public class DeadLettersResource {
  @Inject private DeadLetterService letters;

  @GET
  @Operation(summary = "Dead letters of a status, newest first, without bodies")
  @APIResponse(
      responseCode = "default",
      description = "Problems: INVALID_VALUE, INVALID_CURSOR, FORBIDDEN",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public ListResponse<DeadLetterResponse> list(
      @QueryParam("status") @DefaultValue("WAITING") String status,
      @QueryParam("cursor") @Nullable String cursor,
      @QueryParam("limit") @Nullable String limit,
      @Context ContainerRequestContext context) {
    Call.of(context).requireAdmin();
    return ListResponse.of(
        letters.list(
            Call.choice(DeadLetterStatus.class, status, "status"), cursor, Call.limit(limit)),
        DeadLetterResponse::of);
  }

  @GET
  @Path("{letter}")
  @Operation(summary = "One dead letter with its body")
  @APIResponse(
      responseCode = "default",
      description = "Problems: FORBIDDEN, NOT_FOUND",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public DeadLetterResponse get(
      @PathParam("letter") String id, @Context ContainerRequestContext context) {
    Call.of(context).requireAdmin();
    return DeadLetterResponse.of(letters.get(Call.id(id, "a dead letter")));
  }

  @POST
  @Path("{letter}/replay")
  @Operation(summary = "Send a dead letter the way of a new message, under its old identity")
  @APIResponse(
      responseCode = "default",
      description = "Problems: FORBIDDEN, NOT_FOUND",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public DeadLetterResponse replay(
      @PathParam("letter") String id, @Context ContainerRequestContext context) {
    Call call = Call.of(context);
    call.requireAdmin();
    return DeadLetterResponse.of(
        letters.replay(Call.id(id, "a dead letter"), call.account().name()));
  }

  @POST
  @Path("{letter}/discard")
  @Operation(summary = "Give a dead letter up")
  @APIResponse(
      responseCode = "default",
      description = "Problems: FORBIDDEN, NOT_FOUND",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public DeadLetterResponse discard(
      @PathParam("letter") String id, @Context ContainerRequestContext context) {
    Call call = Call.of(context);
    call.requireAdmin();
    return DeadLetterResponse.of(
        letters.discard(Call.id(id, "a dead letter"), call.account().name()));
  }
}
