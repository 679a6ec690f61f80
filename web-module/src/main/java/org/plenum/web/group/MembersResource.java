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
import org.plenum.web.api.Writes;

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
            call.seen()),
        MemberResponse::of);
  }

  @POST
  @Path("{group}/invitations")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(summary = "Invite an account")
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
  @Path(
      "{group}/members/{account}/{action: approve|decline|remove|ban|unban|unmute|transfer|withdraw|add}")
  @Operation(
      summary =
          "Approve or decline a request, withdraw an invitation, remove, ban, unban, unmute, transfer"
              + " ownership, or (platform administrators) add")
  public void act(
      @PathParam("group") String group,
      @PathParam("account") String account,
      @PathParam("action") String action,
      @Context ContainerRequestContext context,
      @Suspended AsyncResponse response) {
    Actor subject = subject(account);
    GroupCommand command =
        switch (action) {
          case "approve" -> new GroupCommand.ApproveRequest(subject);
          case "decline" -> new GroupCommand.DeclineRequest(subject);
          case "withdraw" -> new GroupCommand.DeclineInvitation(subject);
          case "remove" -> new GroupCommand.RemoveMember(subject);
          case "ban" -> new GroupCommand.BanMember(subject);
          case "unban" -> new GroupCommand.UnbanMember(subject);
          case "unmute" -> new GroupCommand.UnmuteMember(subject);
          case "transfer" -> new GroupCommand.TransferOwnership(subject);
          case "add" -> new GroupCommand.AddMember(subject);
          default -> throw new ServiceException(ErrorCode.NOT_FOUND, "no such action");
        };
    submit(group, command, context, response);
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
