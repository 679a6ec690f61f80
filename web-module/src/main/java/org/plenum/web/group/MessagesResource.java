package org.plenum.web.group;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.container.AsyncResponse;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.Suspended;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.GroupCommand;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.web.api.Call;
import org.plenum.web.api.WriteResponse;
import org.plenum.web.api.Writes;

/** Messages of a group: post, edit, recall, and how far the caller has read. */
@Path("/groups")
@ApplicationScoped
@Tag(name = "Messages")
@Produces(MediaType.APPLICATION_JSON)
public class MessagesResource {
  @Inject private Writes writes;

  /** A message; with the same client id it is posted once. */
  public record PostMessageRequest(
      @Nullable String text, @Nullable Long replyTo, @Nullable String clientId) {}

  /** A new text. */
  public record EditMessageRequest(@Nullable String text) {}

  /** The last sequence that was read. */
  public record ReadPositionRequest(@Nullable Long seq) {}

  @POST
  @Path("{group}/messages")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(summary = "Post a message: 201, or 200 when it was posted before")
  public void post(
      @PathParam("group") String group,
      @Nullable PostMessageRequest request,
      @Context ContainerRequestContext context,
      @Suspended AsyncResponse response) {
    Call call = Call.of(context);
    PostMessageRequest body = Call.required(request, "the body");
    writes.submit(
        response,
        call,
        call.clientId(body.clientId()),
        Call.group(group),
        new GroupCommand.PostMessage(Call.required(body.text(), "text"), body.replyTo()),
        MessagesResource::posted);
  }

  @PATCH
  @Path("{group}/messages/{seq}")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(summary = "Change the text of a message of one's own")
  public void edit(
      @PathParam("group") String group,
      @PathParam("seq") String seq,
      @Nullable EditMessageRequest request,
      @Context ContainerRequestContext context,
      @Suspended AsyncResponse response) {
    String text = Call.required(Call.required(request, "the body").text(), "text");
    Call call = Call.of(context);
    writes.submit(
        response,
        call,
        call.clientId(null),
        Call.group(group),
        new GroupCommand.EditMessage(message(seq), text));
  }

  @POST
  @Path("{group}/messages/{seq}/recall")
  @Operation(summary = "Take a message back: one's own, or as a moderator any")
  public void recall(
      @PathParam("group") String group,
      @PathParam("seq") String seq,
      @Context ContainerRequestContext context,
      @Suspended AsyncResponse response) {
    Call call = Call.of(context);
    writes.submit(
        response,
        call,
        call.clientId(null),
        Call.group(group),
        new GroupCommand.RecallMessage(message(seq)));
  }

  @PUT
  @Path("{group}/read-position")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(summary = "Move the own read position forward; answers the position that holds")
  public void read(
      @PathParam("group") String group,
      @Nullable ReadPositionRequest request,
      @Context ContainerRequestContext context,
      @Suspended AsyncResponse response) {
    long seq = Call.required(Call.required(request, "the body").seq(), "seq");
    if (seq < 0) {
      throw new ServiceException(ErrorCode.INVALID_VALUE, "seq must be at least 0");
    }
    Call call = Call.of(context);
    writes.submit(
        response,
        call,
        call.clientId(null),
        Call.group(group),
        new GroupCommand.MarkRead(seq),
        accepted -> Response.ok(new GroupResponse.PositionView(accepted.seq(), accepted.no())));
  }

  private static long message(String seq) {
    try {
      long number = Long.parseLong(seq);
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw new ServiceException(ErrorCode.MESSAGE_NOT_FOUND, "not a sequence", null, e);
    }
    throw new ServiceException(ErrorCode.MESSAGE_NOT_FOUND, "sequences start at 1");
  }

  private static Response.ResponseBuilder posted(CommandAnswer.Accepted accepted) {
    return Response.status(accepted.replayed() ? Response.Status.OK : Response.Status.CREATED)
        .entity(WriteResponse.of(accepted));
  }
}
