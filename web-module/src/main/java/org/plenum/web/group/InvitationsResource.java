package org.plenum.web.group;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
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
import org.plenum.group.api.GroupQueryService;
import org.plenum.web.api.Call;
import org.plenum.web.api.ListResponse;
import org.plenum.web.error.Problem;
import org.plenum.web.error.ProblemSchema;

/** What waits for the caller's answer, or for somebody's answer to the caller. */
@Path("/invitations")
@ApplicationScoped
@Tag(name = "Groups")
@Produces(MediaType.APPLICATION_JSON)
public class InvitationsResource {
  @Inject private GroupQueryService queries;

  @GET
  @Operation(summary = "Invitations to the caller and its pending requests to join")
  @APIResponse(
      responseCode = "default",
      description = "Problems: INVALID_VALUE, INVALID_CURSOR, READ_UNAVAILABLE",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public ListResponse<GroupResponse> pending(
      @QueryParam("cursor") @Nullable String cursor,
      @QueryParam("limit") @Nullable String limit,
      @Context ContainerRequestContext context) {
    Call call = Call.of(context);
    return ListResponse.of(
        queries.pendingOf(call.account().id(), cursor, Call.limit(limit), call.readPoint()),
        GroupResponse::of);
  }
}
