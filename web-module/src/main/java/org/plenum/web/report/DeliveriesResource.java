package org.plenum.web.report;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupQueryService;
import org.plenum.group.api.Membership;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.ReportQueries;
import org.plenum.report.api.ReportQueries.Delivery;
import org.plenum.web.api.Call;
import org.plenum.web.api.ListResponse;
import org.plenum.web.api.Times;
import org.plenum.web.error.Problem;
import org.plenum.web.error.ProblemSchema;

/** How far the clients of members have got the messages of a group. */
@Path("/groups")
@ApplicationScoped
@Tag(name = "Reports")
@Produces(MediaType.APPLICATION_JSON)
public class DeliveriesResource {
  private static final int MAX_DELIVERIES = 10_000;

  @Inject private ReportQueries queries;
  @Inject private GroupQueryService groups;

  /** Up to which sequence a user's clients confirmed to have got messages. */
  public record DeliveryResponse(String user, long seq, String confirmedAt) {
    static DeliveryResponse of(Delivery delivery) {
      return new DeliveryResponse(
          delivery.user(), delivery.seq(), Times.text(delivery.confirmedAt()));
    }
  }

  @GET
  @Path("{group}/deliveries")
  @Operation(summary = "How far the clients of members confirmed to have got messages")
  @APIResponse(
      responseCode = "default",
      description = "Problems: NOT_A_MEMBER, GROUP_NOT_FOUND, READ_UNAVAILABLE",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public ListResponse<DeliveryResponse> deliveries(
      @PathParam("group") String id, @Context ContainerRequestContext context) {
    Call call = Call.of(context);
    GroupId group = Call.group(id);
    if (!call.account().admin()
        && !groups
            .membership(call.account().id(), group, call.readPoint())
            .map(Membership::active)
            .orElse(false)) {
      throw new ServiceException(ErrorCode.NOT_A_MEMBER, "members only");
    }
    return new ListResponse<>(
        queries.deliveries(group, MAX_DELIVERIES).stream().map(DeliveryResponse::of).toList(),
        null);
  }
}
