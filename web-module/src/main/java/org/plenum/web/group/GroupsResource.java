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
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupQueryService;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.GroupType;
import org.plenum.group.api.PostingRule;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.Ids;
import org.plenum.platform.ServiceException;
import org.plenum.web.api.Call;
import org.plenum.web.api.ListResponse;
import org.plenum.web.api.WriteResponse;
import org.plenum.web.api.Writes;

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
  public ListResponse<GroupResponse> mine(
      @QueryParam("cursor") @Nullable String cursor,
      @QueryParam("limit") @Nullable String limit,
      @Context ContainerRequestContext context) {
    Call call = Call.of(context);
    return ListResponse.of(
        queries.groupsOf(call.account().id(), cursor, Call.limit(limit), call.seen()),
        GroupResponse::of);
  }

  @GET
  @Path("directory")
  @Operation(summary = "Visible groups whose name contains a text")
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
    long account = call.account().id();
    return ListResponse.of(
        queries.directory(query, cursor, Call.limit(limit), call.seen()),
        state -> GroupResponse.of(state, queries.membership(account, state.id(), call.seen())));
  }

  @GET
  @Path("{group}")
  @Operation(summary = "One group and the caller's relation to it")
  public GroupResponse group(
      @PathParam("group") String id, @Context ContainerRequestContext context) {
    Call call = Call.of(context);
    GroupId group = Call.group(id);
    GroupState state = queries.group(call.account().id(), group, call.seen());
    return GroupResponse.of(state, queries.membership(call.account().id(), group, call.seen()));
  }

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(summary = "Create a group; the caller owns it")
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
  @Path(
      "{group}/{action: archive|restore|dissolve|join|leave|request|accept-invitation|decline-invitation}")
  @Operation(summary = "Change the life of the group, or the caller's own membership")
  public void act(
      @PathParam("group") String id,
      @PathParam("action") String action,
      @Context ContainerRequestContext context,
      @Suspended AsyncResponse response) {
    Call call = Call.of(context);
    GroupCommand command =
        switch (action) {
          case "archive" -> new GroupCommand.ArchiveGroup();
          case "restore" -> new GroupCommand.RestoreGroup();
          case "dissolve" -> new GroupCommand.DissolveGroup();
          case "join" -> new GroupCommand.JoinGroup();
          case "leave" -> new GroupCommand.LeaveGroup();
          case "request" -> new GroupCommand.RequestToJoin();
          case "accept-invitation" -> new GroupCommand.AcceptInvitation();
          case "decline-invitation" -> new GroupCommand.DeclineInvitation(call.actor());
          default -> throw new ServiceException(ErrorCode.NOT_FOUND, "no such action");
        };
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
