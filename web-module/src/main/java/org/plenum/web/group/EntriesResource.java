package org.plenum.web.group;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupQueryService;
import org.plenum.group.api.HistoryPage;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.web.api.Call;
import org.plenum.web.error.Problem;
import org.plenum.web.error.ProblemSchema;

/** A group's history, both ways from any sequence. The hottest read: it only copies. */
@Path("/groups")
@ApplicationScoped
@Tag(name = "Messages")
@Produces(MediaType.APPLICATION_JSON)
public class EntriesResource {
  @Inject private GroupQueryService queries;

  @GET
  @Path("{group}/entries")
  @Operation(
      summary = "A run of the group's stream, ascending",
      description =
          "From a sequence on, or the last entries before one, or by a cursor of an earlier page;"
              + " without any of them the latest entries.")
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: INVALID_VALUE, INVALID_CURSOR, NOT_A_MEMBER, GROUP_NOT_FOUND, GROUP_DISSOLVED, READ_UNAVAILABLE",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public Response entries(
      @PathParam("group") String id,
      @QueryParam("from") @Nullable String from,
      @QueryParam("before") @Nullable String before,
      @QueryParam("cursor") @Nullable String cursor,
      @QueryParam("limit") @Nullable String limit,
      @Context ContainerRequestContext context) {
    Call call = Call.of(context);
    HistoryPage page = page(call, Call.group(id), from, before, cursor, Call.limit(limit));
    if (!page.exact()) {
      return Response.ok(EntryPages.json(page), MediaType.APPLICATION_JSON_TYPE)
          .header(HttpHeaders.CACHE_CONTROL, "private, no-store")
          .build();
    }
    String etag = EntryPages.etag(page);
    String known = call.header(HttpHeaders.IF_NONE_MATCH);
    Response.ResponseBuilder response =
        known != null && (known.contains(etag) || known.strip().equals("*"))
            ? Response.notModified()
            : Response.ok(EntryPages.json(page), MediaType.APPLICATION_JSON_TYPE);
    return response
        .header(HttpHeaders.ETAG, etag)
        .header(HttpHeaders.CACHE_CONTROL, "private, no-cache")
        .build();
  }

  private HistoryPage page(
      Call call,
      GroupId group,
      @Nullable String from,
      @Nullable String before,
      @Nullable String cursor,
      int limit) {
    long account = call.account().id();
    if ((from == null ? 0 : 1) + (before == null ? 0 : 1) + (cursor == null ? 0 : 1) > 1) {
      throw new ServiceException(
          ErrorCode.INVALID_VALUE, "give one of from, before and cursor, not several");
    }
    if (cursor != null) {
      EntryCursor place = EntryCursor.parse(cursor, group);
      return place.forward()
          ? queries.historyFrom(account, group, place.seq(), limit, call.readPoint())
          : queries.historyBefore(account, group, place.seq(), limit, call.readPoint());
    }
    if (from != null) {
      return queries.historyFrom(
          account, group, Call.number(from, "from", 1), limit, call.readPoint());
    }
    long end = before == null ? Long.MAX_VALUE : Call.number(before, "before", 1);
    return queries.historyBefore(account, group, end, limit, call.readPoint());
  }
}
