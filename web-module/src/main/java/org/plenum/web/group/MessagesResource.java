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
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.GroupCommand;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.web.api.Call;
import org.plenum.web.api.WriteResponse;
import org.plenum.web.api.Writes;
import org.plenum.web.error.Problem;
import org.plenum.web.error.ProblemSchema;

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
  @APIResponse(
      responseCode = "201",
      description = "Posted; 200 when it was posted before with the same client id",
      content = @Content(schema = @Schema(implementation = WriteResponse.class)))
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: INVALID_VALUE, MALFORMED_REQUEST, INVALID_UTF8, PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, NOT_A_MEMBER, MEMBER_MUTED, MEMBER_BANNED, POSTING_RESTRICTED, GROUP_NOT_FOUND, GROUP_DISSOLVED, MESSAGE_NOT_FOUND, GROUP_ARCHIVED, CLIENT_ID_REUSED, WRITER_BUSY, WRITER_UNAVAILABLE, TIMEOUT",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
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
  @APIResponse(
      responseCode = "200",
      description = "Stored",
      content = @Content(schema = @Schema(implementation = WriteResponse.class)))
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: INVALID_VALUE, MALFORMED_REQUEST, INVALID_UTF8, PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, FORBIDDEN, NOT_A_MEMBER, MEMBER_MUTED, MEMBER_BANNED, POSTING_RESTRICTED, GROUP_NOT_FOUND, GROUP_DISSOLVED, MESSAGE_NOT_FOUND, MESSAGE_RECALLED, GROUP_ARCHIVED, CLIENT_ID_REUSED, WRITER_BUSY, WRITER_UNAVAILABLE, TIMEOUT",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
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
  @APIResponse(
      responseCode = "200",
      description = "Stored",
      content = @Content(schema = @Schema(implementation = WriteResponse.class)))
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: NOT_A_MEMBER, MEMBER_BANNED, ROLE_REQUIRED, GROUP_NOT_FOUND, GROUP_DISSOLVED, MESSAGE_NOT_FOUND, MESSAGE_RECALLED, GROUP_ARCHIVED, CLIENT_ID_REUSED, WRITER_BUSY, WRITER_UNAVAILABLE, TIMEOUT",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
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
  @APIResponse(
      responseCode = "200",
      description = "The position that holds",
      content = @Content(schema = @Schema(implementation = GroupResponse.PositionView.class)))
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: INVALID_VALUE, MALFORMED_REQUEST, INVALID_UTF8, PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, NOT_A_MEMBER, MEMBER_BANNED, GROUP_NOT_FOUND, GROUP_DISSOLVED, WRITER_BUSY, WRITER_UNAVAILABLE, TIMEOUT",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
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
