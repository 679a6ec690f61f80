package org.plenum.web.group;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
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
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupQueryService;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.GroupType;
import org.plenum.group.api.Membership;
import org.plenum.group.api.Page;
import org.plenum.group.api.PostingRule;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.Ids;
import org.plenum.platform.ServiceException;
import org.plenum.web.api.Call;
import org.plenum.web.api.ListResponse;
import org.plenum.web.api.WriteResponse;
import org.plenum.web.api.Writes;
import org.plenum.web.error.Problem;
import org.plenum.web.error.ProblemSchema;

/** Groups: lists, settings, life, and what the caller does with the own membership. */
@Path("/groups")
@ApplicationScoped
@Tag(name = "Groups")
@Produces(MediaType.APPLICATION_JSON)
public class GroupsResource {
  private static final int MAX_QUERY = 200;
  private static final int MAX_FIRST_MEMBERS = 1_000;

  @Inject private GroupQueryService queries;
  @Inject private Subjects subjects;
  @Inject private Writes writes;

  /**
   * A new group.
   *
   * @param key unique name for legacy systems
   * @param members ids of accounts that are members from the start
   */
  public record CreateGroupRequest(
      @Nullable String type,
      @Nullable String name,
      @Nullable String topic,
      @Nullable String postingRule,
      @Nullable Integer retentionDays,
      @Nullable String key,
      @Nullable List<Long> members,
      @Nullable String clientId) {}

  /** What is to change; absent or null stays. */
  public record ChangeGroupRequest(
      @Nullable String name,
      @Nullable String topic,
      @Nullable String postingRule,
      @Nullable Integer retentionDays) {}

  @GET
  @Operation(summary = "The caller's groups, with unread messages")
  @APIResponse(
      responseCode = "default",
      description = "Problems: INVALID_VALUE, INVALID_CURSOR, READ_UNAVAILABLE",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public ListResponse<GroupResponse> mine(
      @QueryParam("cursor") @Nullable String cursor,
      @QueryParam("limit") @Nullable String limit,
      @Context ContainerRequestContext context) {
    Call call = Call.of(context);
    return ListResponse.of(
        queries.groupsOf(call.account().id(), cursor, Call.limit(limit), call.readPoint()),
        GroupResponse::of);
  }

  @GET
  @Path("directory")
  @Operation(summary = "Visible groups whose name contains a text")
  @APIResponse(
      responseCode = "default",
      description = "Problems: INVALID_VALUE, INVALID_CURSOR, READ_UNAVAILABLE",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public ListResponse<GroupResponse> directory(
      @QueryParam("q") @DefaultValue("") String query,
      @QueryParam("cursor") @Nullable String cursor,
      @QueryParam("limit") @Nullable String limit,
      @Context ContainerRequestContext context) {
    if (query.length() > MAX_QUERY) {
      throw new ServiceException(
          ErrorCode.INVALID_VALUE, "q has at most " + MAX_QUERY + " characters");
    }
    Call call = Call.of(context);
    Page<GroupState> found = queries.directory(query, cursor, Call.limit(limit), call.readPoint());
    Map<GroupId, Membership> mine = queries.memberships(call.account().id(), call.readPoint());
    return ListResponse.of(
        found, state -> GroupResponse.of(state, Optional.ofNullable(mine.get(state.id()))));
  }

  @GET
  @Path("{group}")
  @Operation(summary = "One group and the caller's relation to it")
  @APIResponse(
      responseCode = "default",
      description = "Problems: GROUP_NOT_FOUND, GROUP_DISSOLVED, READ_UNAVAILABLE",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public GroupResponse group(
      @PathParam("group") String id, @Context ContainerRequestContext context) {
    Call call = Call.of(context);
    GroupId group = Call.group(id);
    GroupState state = queries.group(call.account().id(), group, call.readPoint());
    return GroupResponse.of(
        state, queries.membership(call.account().id(), group, call.readPoint()));
  }

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(summary = "Create a group; the caller owns it")
  @APIResponse(
      responseCode = "201",
      description = "Created; 200 when it was created before with the same client id",
      content = @Content(schema = @Schema(implementation = WriteResponse.class)))
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: INVALID_VALUE, MALFORMED_REQUEST, INVALID_UTF8, PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, ACCOUNT_NOT_FOUND, GROUP_KEY_TAKEN, GROUP_FULL, CLIENT_ID_REUSED, WRITER_BUSY, WRITER_UNAVAILABLE, TIMEOUT",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public void create(
      @Nullable CreateGroupRequest request,
      @Context ContainerRequestContext context,
      @Suspended AsyncResponse response) {
    Call call = Call.of(context);
    CreateGroupRequest body = Call.required(request, "the body");
    UUID clientId = call.clientId(body.clientId());
    writes.submit(
        response, call, clientId, newGroup(call, clientId), command(body), GroupsResource::created);
  }

  @PATCH
  @Path("{group}")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(summary = "Change name, topic, posting rule or retention")
  @APIResponse(
      responseCode = "200",
      description = "Stored",
      content = @Content(schema = @Schema(implementation = WriteResponse.class)))
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: INVALID_VALUE, MALFORMED_REQUEST, INVALID_UTF8, PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, NOT_A_MEMBER, MEMBER_BANNED, ROLE_REQUIRED, GROUP_NOT_FOUND, GROUP_DISSOLVED, GROUP_ARCHIVED, NOTHING_TO_CHANGE, CLIENT_ID_REUSED, WRITER_BUSY, WRITER_UNAVAILABLE, TIMEOUT",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public void change(
      @PathParam("group") String id,
      @Nullable ChangeGroupRequest request,
      @Context ContainerRequestContext context,
      @Suspended AsyncResponse response) {
    Call call = Call.of(context);
    ChangeGroupRequest body = Call.required(request, "the body");
    String rule = body.postingRule();
    GroupCommand command =
        new GroupCommand.ChangeGroup(
            body.name(),
            body.topic(),
            rule == null ? null : Call.choice(PostingRule.class, rule, "postingRule"),
            body.retentionDays());
    writes.submit(response, call, call.clientId(null), Call.group(id), command);
  }

  @POST
  @Path("{group}/archive")
  @Operation(summary = "Make the group read-only (the owner)")
  @APIResponse(
      responseCode = "200",
      description = "Stored",
      content = @Content(schema = @Schema(implementation = WriteResponse.class)))
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: NOT_A_MEMBER, MEMBER_BANNED, ROLE_REQUIRED, GROUP_NOT_FOUND, GROUP_DISSOLVED, GROUP_ARCHIVED, CLIENT_ID_REUSED, WRITER_BUSY, WRITER_UNAVAILABLE, TIMEOUT",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public void archive(
      @PathParam("group") String id,
      @Context ContainerRequestContext context,
      @Suspended AsyncResponse response) {
    act(id, new GroupCommand.ArchiveGroup(), context, response);
  }

  @POST
  @Path("{group}/restore")
  @Operation(summary = "Make an archived group writable again (the owner)")
  @APIResponse(
      responseCode = "200",
      description = "Stored",
      content = @Content(schema = @Schema(implementation = WriteResponse.class)))
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: NOT_A_MEMBER, MEMBER_BANNED, ROLE_REQUIRED, GROUP_NOT_FOUND, GROUP_DISSOLVED, GROUP_NOT_ARCHIVED, CLIENT_ID_REUSED, WRITER_BUSY, WRITER_UNAVAILABLE, TIMEOUT",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public void restore(
      @PathParam("group") String id,
      @Context ContainerRequestContext context,
      @Suspended AsyncResponse response) {
    act(id, new GroupCommand.RestoreGroup(), context, response);
  }

  @POST
  @Path("{group}/dissolve")
  @Operation(summary = "End the group for everybody (the owner)")
  @APIResponse(
      responseCode = "200",
      description = "Stored",
      content = @Content(schema = @Schema(implementation = WriteResponse.class)))
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: NOT_A_MEMBER, MEMBER_BANNED, ROLE_REQUIRED, GROUP_NOT_FOUND, GROUP_DISSOLVED, CLIENT_ID_REUSED, WRITER_BUSY, WRITER_UNAVAILABLE, TIMEOUT",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public void dissolve(
      @PathParam("group") String id,
      @Context ContainerRequestContext context,
      @Suspended AsyncResponse response) {
    act(id, new GroupCommand.DissolveGroup(), context, response);
  }

  @POST
  @Path("{group}/join")
  @Operation(summary = "Join a public or an announcement group")
  @APIResponse(
      responseCode = "200",
      description = "Stored",
      content = @Content(schema = @Schema(implementation = WriteResponse.class)))
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: MEMBER_BANNED, GROUP_NOT_FOUND, GROUP_DISSOLVED, GROUP_ARCHIVED, GROUP_FULL, ALREADY_MEMBER, JOIN_NOT_OPEN, CLIENT_ID_REUSED, WRITER_BUSY, WRITER_UNAVAILABLE, TIMEOUT",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public void join(
      @PathParam("group") String id,
      @Context ContainerRequestContext context,
      @Suspended AsyncResponse response) {
    act(id, new GroupCommand.JoinGroup(), context, response);
  }

  @POST
  @Path("{group}/leave")
  @Operation(summary = "Leave the group")
  @APIResponse(
      responseCode = "200",
      description = "Stored",
      content = @Content(schema = @Schema(implementation = WriteResponse.class)))
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: NOT_A_MEMBER, MEMBER_BANNED, GROUP_NOT_FOUND, GROUP_DISSOLVED, OWNER_REQUIRED, CLIENT_ID_REUSED, WRITER_BUSY, WRITER_UNAVAILABLE, TIMEOUT",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public void leave(
      @PathParam("group") String id,
      @Context ContainerRequestContext context,
      @Suspended AsyncResponse response) {
    act(id, new GroupCommand.LeaveGroup(), context, response);
  }

  @POST
  @Path("{group}/request")
  @Operation(summary = "Ask to join a group that admits on request")
  @APIResponse(
      responseCode = "200",
      description = "Stored",
      content = @Content(schema = @Schema(implementation = WriteResponse.class)))
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: MEMBER_BANNED, GROUP_NOT_FOUND, GROUP_DISSOLVED, GROUP_ARCHIVED, ALREADY_MEMBER, ALREADY_INVITED, ALREADY_REQUESTED, JOIN_NOT_OPEN, CLIENT_ID_REUSED, WRITER_BUSY, WRITER_UNAVAILABLE, TIMEOUT",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public void request(
      @PathParam("group") String id,
      @Context ContainerRequestContext context,
      @Suspended AsyncResponse response) {
    act(id, new GroupCommand.RequestToJoin(), context, response);
  }

  @POST
  @Path("{group}/accept-invitation")
  @Operation(summary = "Accept an invitation")
  @APIResponse(
      responseCode = "200",
      description = "Stored",
      content = @Content(schema = @Schema(implementation = WriteResponse.class)))
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: MEMBER_BANNED, GROUP_NOT_FOUND, GROUP_DISSOLVED, GROUP_ARCHIVED, GROUP_FULL, ALREADY_MEMBER, NO_INVITATION, CLIENT_ID_REUSED, WRITER_BUSY, WRITER_UNAVAILABLE, TIMEOUT",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public void acceptInvitation(
      @PathParam("group") String id,
      @Context ContainerRequestContext context,
      @Suspended AsyncResponse response) {
    act(id, new GroupCommand.AcceptInvitation(), context, response);
  }

  @POST
  @Path("{group}/decline-invitation")
  @Operation(summary = "Decline an invitation")
  @APIResponse(
      responseCode = "200",
      description = "Stored",
      content = @Content(schema = @Schema(implementation = WriteResponse.class)))
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: MEMBER_BANNED, GROUP_NOT_FOUND, GROUP_DISSOLVED, ALREADY_MEMBER, NO_INVITATION, CLIENT_ID_REUSED, WRITER_BUSY, WRITER_UNAVAILABLE, TIMEOUT",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public void declineInvitation(
      @PathParam("group") String id,
      @Context ContainerRequestContext context,
      @Suspended AsyncResponse response) {
    act(id, new GroupCommand.DeclineInvitation(Call.of(context).actor()), context, response);
  }

  private void act(
      String id, GroupCommand command, ContainerRequestContext context, AsyncResponse response) {
    Call call = Call.of(context);
    writes.submit(response, call, call.clientId(null), Call.group(id), command);
  }

  private GroupCommand command(CreateGroupRequest body) {
    GroupType type = Call.choice(GroupType.class, Call.required(body.type(), "type"), "type");
    String rule = body.postingRule();
    PostingRule defaultRule =
        type == GroupType.ANNOUNCEMENT ? PostingRule.ADMINS : PostingRule.EVERYONE;
    List<Long> members = body.members() == null ? List.of() : body.members();
    if (members.size() > MAX_FIRST_MEMBERS) {
      throw new ServiceException(
          ErrorCode.INVALID_VALUE, "a group starts with at most " + MAX_FIRST_MEMBERS + " members");
    }
    return new GroupCommand.CreateGroup(
        type,
        Call.required(body.name(), "name"),
        body.topic() == null ? "" : body.topic(),
        rule == null ? defaultRule : Call.choice(PostingRule.class, rule, "postingRule"),
        body.retentionDays() == null ? 0 : body.retentionDays(),
        body.key(),
        subjects.actors(members));
  }

  /** A repeated request must name the group that the first one made. */
  private static GroupId newGroup(Call call, UUID clientId) {
    return new GroupId(Ids.ofName("group of " + call.account().id(), clientId.toString()));
  }

  private static Response.ResponseBuilder created(CommandAnswer.Accepted accepted) {
    return Response.status(accepted.replayed() ? Response.Status.OK : Response.Status.CREATED)
        .location(URI.create("groups/" + accepted.group()))
        .entity(WriteResponse.of(accepted));
  }
}
