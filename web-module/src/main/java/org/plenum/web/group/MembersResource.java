package org.plenum.web.group;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.AsyncResponse;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.Suspended;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.Actor;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupQueryService;
import org.plenum.group.api.MemberStatus;
import org.plenum.group.api.Role;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.web.api.Call;
import org.plenum.web.api.ListResponse;
import org.plenum.web.api.WriteResponse;
import org.plenum.web.api.Writes;
import org.plenum.web.error.Problem;
import org.plenum.web.error.ProblemSchema;

/** Members of a group, and what moderators do with them. */
@Path("/groups")
@ApplicationScoped
@Tag(name = "Members")
@Produces(MediaType.APPLICATION_JSON)
public class MembersResource {
  @Inject private GroupQueryService queries;
  @Inject private Subjects subjects;
  @Inject private Writes writes;

  /** Whom to invite. */
  public record InvitationRequest(@Nullable Long accountId) {}

  /** When the silence ends, ISO-8601. */
  public record MuteRequest(@Nullable String until) {}

  /** ADMIN or MEMBER. */
  public record RoleRequest(@Nullable String role) {}

  @GET
  @Path("{group}/members")
  @Operation(summary = "Members by status; only moderators see others than ACTIVE")
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: INVALID_VALUE, INVALID_CURSOR, NOT_A_MEMBER, ROLE_REQUIRED, GROUP_NOT_FOUND, GROUP_DISSOLVED, READ_UNAVAILABLE",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public ListResponse<MemberResponse> members(
      @PathParam("group") String group,
      @QueryParam("status") @DefaultValue("ACTIVE") String status,
      @QueryParam("cursor") @Nullable String cursor,
      @QueryParam("limit") @Nullable String limit,
      @Context ContainerRequestContext context) {
    Call call = Call.of(context);
    return ListResponse.of(
        queries.members(
            call.account().id(),
            Call.group(group),
            Call.choice(MemberStatus.class, status, "status"),
            cursor,
            Call.limit(limit),
            call.readPoint()),
        MemberResponse::of);
  }

  @POST
  @Path("{group}/invitations")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(summary = "Invite an account")
  @APIResponse(
      responseCode = "200",
      description = "Stored",
      content = @Content(schema = @Schema(implementation = WriteResponse.class)))
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: INVALID_VALUE, MALFORMED_REQUEST, INVALID_UTF8, PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, NOT_A_MEMBER, MEMBER_BANNED, ROLE_REQUIRED, GROUP_NOT_FOUND, GROUP_DISSOLVED, ACCOUNT_NOT_FOUND, GROUP_ARCHIVED, ALREADY_MEMBER, ALREADY_INVITED, ALREADY_REQUESTED, ACCOUNT_BANNED, CLIENT_ID_REUSED, WRITER_BUSY, WRITER_UNAVAILABLE, TIMEOUT",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public void invite(
      @PathParam("group") String group,
      @Nullable InvitationRequest request,
      @Context ContainerRequestContext context,
      @Suspended AsyncResponse response) {
    InvitationRequest body = Call.required(request, "the body");
    Actor subject = subjects.actor(Call.required(body.accountId(), "accountId"));
    submit(group, new GroupCommand.InviteMember(subject), context, response);
  }

  @POST
  @Path("{group}/members/{account}/mute")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(summary = "Silence a member until an instant")
  @APIResponse(
      responseCode = "200",
      description = "Stored",
      content = @Content(schema = @Schema(implementation = WriteResponse.class)))
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: INVALID_VALUE, MALFORMED_REQUEST, INVALID_UTF8, PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, NOT_A_MEMBER, MEMBER_BANNED, ROLE_REQUIRED, GROUP_NOT_FOUND, GROUP_DISSOLVED, ACCOUNT_NOT_FOUND, MEMBER_NOT_FOUND, OWNER_REQUIRED, NOTHING_TO_CHANGE, CLIENT_ID_REUSED, WRITER_BUSY, WRITER_UNAVAILABLE, TIMEOUT",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public void mute(
      @PathParam("group") String group,
      @PathParam("account") String account,
      @Nullable MuteRequest request,
      @Context ContainerRequestContext context,
      @Suspended AsyncResponse response) {
    Instant until = instant(Call.required(Call.required(request, "the body").until(), "until"));
    submit(group, new GroupCommand.MuteMember(subject(account), until), context, response);
  }

  @POST
  @Path("{group}/members/{account}/role")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(summary = "Make a member an admin, or an admin a member")
  @APIResponse(
      responseCode = "200",
      description = "Stored",
      content = @Content(schema = @Schema(implementation = WriteResponse.class)))
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: INVALID_VALUE, MALFORMED_REQUEST, INVALID_UTF8, PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, NOT_A_MEMBER, MEMBER_BANNED, ROLE_REQUIRED, GROUP_NOT_FOUND, GROUP_DISSOLVED, ACCOUNT_NOT_FOUND, MEMBER_NOT_FOUND, GROUP_ARCHIVED, OWNER_REQUIRED, NOTHING_TO_CHANGE, CLIENT_ID_REUSED, WRITER_BUSY, WRITER_UNAVAILABLE, TIMEOUT",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public void role(
      @PathParam("group") String group,
      @PathParam("account") String account,
      @Nullable RoleRequest request,
      @Context ContainerRequestContext context,
      @Suspended AsyncResponse response) {
    String role = Call.required(Call.required(request, "the body").role(), "role");
    submit(
        group,
        new GroupCommand.ChangeRole(subject(account), Call.choice(Role.class, role, "role")),
        context,
        response);
  }

  @POST
  @Path("{group}/members/{account}/approve")
  @Operation(summary = "Let somebody in who asked to join")
  @APIResponse(
      responseCode = "200",
      description = "Stored",
      content = @Content(schema = @Schema(implementation = WriteResponse.class)))
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: NOT_A_MEMBER, MEMBER_BANNED, ROLE_REQUIRED, GROUP_NOT_FOUND, GROUP_DISSOLVED, ACCOUNT_NOT_FOUND, NO_REQUEST, ALREADY_MEMBER, GROUP_FULL, GROUP_ARCHIVED, CLIENT_ID_REUSED, WRITER_BUSY, WRITER_UNAVAILABLE, TIMEOUT",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public void approve(
      @PathParam("group") String group,
      @PathParam("account") String account,
      @Context ContainerRequestContext context,
      @Suspended AsyncResponse response) {
    submit(group, new GroupCommand.ApproveRequest(subject(account)), context, response);
  }

  @POST
  @Path("{group}/members/{account}/decline")
  @Operation(summary = "Decline a request to join, or withdraw one’s own")
  @APIResponse(
      responseCode = "200",
      description = "Stored",
      content = @Content(schema = @Schema(implementation = WriteResponse.class)))
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: NOT_A_MEMBER, MEMBER_BANNED, ROLE_REQUIRED, GROUP_NOT_FOUND, GROUP_DISSOLVED, ACCOUNT_NOT_FOUND, NO_REQUEST, ALREADY_MEMBER, CLIENT_ID_REUSED, WRITER_BUSY, WRITER_UNAVAILABLE, TIMEOUT",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public void decline(
      @PathParam("group") String group,
      @PathParam("account") String account,
      @Context ContainerRequestContext context,
      @Suspended AsyncResponse response) {
    submit(group, new GroupCommand.DeclineRequest(subject(account)), context, response);
  }

  @POST
  @Path("{group}/members/{account}/withdraw")
  @Operation(summary = "Withdraw an invitation")
  @APIResponse(
      responseCode = "200",
      description = "Stored",
      content = @Content(schema = @Schema(implementation = WriteResponse.class)))
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: NOT_A_MEMBER, MEMBER_BANNED, ROLE_REQUIRED, GROUP_NOT_FOUND, GROUP_DISSOLVED, ACCOUNT_NOT_FOUND, NO_INVITATION, ALREADY_MEMBER, CLIENT_ID_REUSED, WRITER_BUSY, WRITER_UNAVAILABLE, TIMEOUT",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public void withdraw(
      @PathParam("group") String group,
      @PathParam("account") String account,
      @Context ContainerRequestContext context,
      @Suspended AsyncResponse response) {
    submit(group, new GroupCommand.DeclineInvitation(subject(account)), context, response);
  }

  @POST
  @Path("{group}/members/{account}/remove")
  @Operation(summary = "Remove a member")
  @APIResponse(
      responseCode = "200",
      description = "Stored",
      content = @Content(schema = @Schema(implementation = WriteResponse.class)))
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: NOT_A_MEMBER, MEMBER_BANNED, ROLE_REQUIRED, GROUP_NOT_FOUND, GROUP_DISSOLVED, ACCOUNT_NOT_FOUND, MEMBER_NOT_FOUND, OWNER_REQUIRED, CLIENT_ID_REUSED, WRITER_BUSY, WRITER_UNAVAILABLE, TIMEOUT",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public void remove(
      @PathParam("group") String group,
      @PathParam("account") String account,
      @Context ContainerRequestContext context,
      @Suspended AsyncResponse response) {
    submit(group, new GroupCommand.RemoveMember(subject(account)), context, response);
  }

  @POST
  @Path("{group}/members/{account}/ban")
  @Operation(summary = "Remove somebody and keep the person out")
  @APIResponse(
      responseCode = "200",
      description = "Stored",
      content = @Content(schema = @Schema(implementation = WriteResponse.class)))
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: NOT_A_MEMBER, MEMBER_BANNED, ROLE_REQUIRED, GROUP_NOT_FOUND, GROUP_DISSOLVED, ACCOUNT_NOT_FOUND, OWNER_REQUIRED, ACCOUNT_BANNED, CLIENT_ID_REUSED, WRITER_BUSY, WRITER_UNAVAILABLE, TIMEOUT",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public void ban(
      @PathParam("group") String group,
      @PathParam("account") String account,
      @Context ContainerRequestContext context,
      @Suspended AsyncResponse response) {
    submit(group, new GroupCommand.BanMember(subject(account)), context, response);
  }

  @POST
  @Path("{group}/members/{account}/unban")
  @Operation(summary = "Lift a ban")
  @APIResponse(
      responseCode = "200",
      description = "Stored",
      content = @Content(schema = @Schema(implementation = WriteResponse.class)))
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: NOT_A_MEMBER, MEMBER_BANNED, ROLE_REQUIRED, GROUP_NOT_FOUND, GROUP_DISSOLVED, ACCOUNT_NOT_FOUND, NOT_BANNED, CLIENT_ID_REUSED, WRITER_BUSY, WRITER_UNAVAILABLE, TIMEOUT",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public void unban(
      @PathParam("group") String group,
      @PathParam("account") String account,
      @Context ContainerRequestContext context,
      @Suspended AsyncResponse response) {
    submit(group, new GroupCommand.UnbanMember(subject(account)), context, response);
  }

  @POST
  @Path("{group}/members/{account}/unmute")
  @Operation(summary = "Let a muted member write again")
  @APIResponse(
      responseCode = "200",
      description = "Stored",
      content = @Content(schema = @Schema(implementation = WriteResponse.class)))
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: NOT_A_MEMBER, MEMBER_BANNED, ROLE_REQUIRED, GROUP_NOT_FOUND, GROUP_DISSOLVED, ACCOUNT_NOT_FOUND, MEMBER_NOT_FOUND, NOT_MUTED, CLIENT_ID_REUSED, WRITER_BUSY, WRITER_UNAVAILABLE, TIMEOUT",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public void unmute(
      @PathParam("group") String group,
      @PathParam("account") String account,
      @Context ContainerRequestContext context,
      @Suspended AsyncResponse response) {
    submit(group, new GroupCommand.UnmuteMember(subject(account)), context, response);
  }

  @POST
  @Path("{group}/members/{account}/transfer")
  @Operation(summary = "Hand the group over to a member (the owner)")
  @APIResponse(
      responseCode = "200",
      description = "Stored",
      content = @Content(schema = @Schema(implementation = WriteResponse.class)))
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: NOT_A_MEMBER, MEMBER_BANNED, ROLE_REQUIRED, GROUP_NOT_FOUND, GROUP_DISSOLVED, ACCOUNT_NOT_FOUND, MEMBER_NOT_FOUND, NOTHING_TO_CHANGE, GROUP_ARCHIVED, CLIENT_ID_REUSED, WRITER_BUSY, WRITER_UNAVAILABLE, TIMEOUT",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public void transfer(
      @PathParam("group") String group,
      @PathParam("account") String account,
      @Context ContainerRequestContext context,
      @Suspended AsyncResponse response) {
    submit(group, new GroupCommand.TransferOwnership(subject(account)), context, response);
  }

  @POST
  @Path("{group}/members/{account}/add")
  @Operation(summary = "Make somebody a member (platform administrators)")
  @APIResponse(
      responseCode = "200",
      description = "Stored",
      content = @Content(schema = @Schema(implementation = WriteResponse.class)))
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: NOT_A_MEMBER, MEMBER_BANNED, ROLE_REQUIRED, GROUP_NOT_FOUND, GROUP_DISSOLVED, ACCOUNT_NOT_FOUND, FORBIDDEN, ALREADY_MEMBER, ACCOUNT_BANNED, GROUP_FULL, GROUP_ARCHIVED, CLIENT_ID_REUSED, WRITER_BUSY, WRITER_UNAVAILABLE, TIMEOUT",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public void add(
      @PathParam("group") String group,
      @PathParam("account") String account,
      @Context ContainerRequestContext context,
      @Suspended AsyncResponse response) {
    submit(group, new GroupCommand.AddMember(subject(account)), context, response);
  }

  private void submit(
      String group, GroupCommand command, ContainerRequestContext context, AsyncResponse response) {
    Call call = Call.of(context);
    writes.submit(response, call, call.clientId(null), Call.group(group), command);
  }

  private Actor subject(String account) {
    return subjects.actor(Call.accountId(account));
  }

  private static Instant instant(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new ServiceException(
          ErrorCode.INVALID_VALUE, "until must be an instant as in 2030-01-31T12:00:00Z", null, e);
    }
  }
}
