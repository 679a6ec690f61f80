package org.plenum.web.report;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.ws.rs.DELETE;
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
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.NodeConfig;
import org.plenum.platform.ServiceException;
import org.plenum.platform.config.KnownConfig;
import org.plenum.report.api.NewReport;
import org.plenum.report.api.ReportAdminService;
import org.plenum.report.api.ReportAdminService.Letter;
import org.plenum.report.api.ReportEnvelope;
import org.plenum.report.api.ReportQueries;
import org.plenum.report.api.ReportQueries.State;
import org.plenum.report.api.ReportQueries.Summary;
import org.plenum.report.api.StreamStatus;
import org.plenum.report.api.XmppStatus;
import org.plenum.web.api.Call;
import org.plenum.web.api.ListResponse;
import org.plenum.web.api.Times;
import org.plenum.web.api.Writes;
import org.plenum.web.error.Problem;
import org.plenum.web.error.ProblemSchema;

/** The queue of reports of the node that answers; for platform administrators. */
@Path("/reports")
@ApplicationScoped
@Tag(name = "Reports")
@Produces(MediaType.APPLICATION_JSON)
public class ReportAdminResource {
  private static final int MAX_SUMMARIES = 5_000;
  private static final long MAX_HOURS = 24 * 366;

  private final String node = NodeConfig.from(KnownConfig.get()).name();

  @Inject private ReportAdminService admin;
  @Inject private ReportQueries queries;
  @Inject private Instance<XmppStatus> xmpp;
  @Inject private StreamStatus streams;
  @Inject private Writes writes;

  /** A confirmed state of a device. */
  public record StateResponse(
      String user,
      String device,
      String state,
      String source,
      String report,
      String confirmedAt,
      String expiresAt) {
    static StateResponse of(State state) {
      return new StateResponse(
          state.user(),
          state.device(),
          state.state().word(),
          state.source(),
          state.reportId().toString(),
          Times.text(state.confirmedAt()),
          Times.text(state.expiresAt()));
    }
  }

  /** Reports of an hour. */
  public record SummaryResponse(String hour, String source, String kind, long reports) {
    static SummaryResponse of(Summary summary) {
      return new SummaryResponse(
          Times.text(summary.hour()), summary.source(), summary.kind(), summary.reports());
    }
  }

  /** A report that a consumer group could not process; what is not known of it is null. */
  public record LetterResponse(
      long id,
      String group,
      long sequence,
      String source,
      String businessKey,
      @Nullable String kind,
      @Nullable String user,
      @Nullable String body,
      String reason,
      int attempts,
      String at) {
    static LetterResponse of(Letter letter) {
      ReportEnvelope envelope = letter.envelope();
      NewReport report = envelope == null ? null : envelope.report();
      return new LetterResponse(
          letter.id(),
          letter.group(),
          letter.sequence(),
          letter.source(),
          letter.key(),
          report == null ? null : report.kind(),
          report == null ? null : report.user(),
          report == null ? null : report.body(),
          letter.reason(),
          letter.attempts(),
          Times.text(letter.at()));
    }
  }

  @GET
  @Path("status")
  @Operation(
      summary = "Buffers, journal, consumer groups, XMPP connections and streams of this node")
  @APIResponse(
      responseCode = "default",
      description = "Problems: FORBIDDEN",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public ReportStatusResponse status(@Context ContainerRequestContext context) {
    Call.of(context).requireAdmin();
    List<XmppStatus.Connection> connections = new ArrayList<>();
    xmpp.forEach(status -> connections.addAll(status.connections()));
    return ReportStatusResponse.of(
        node,
        admin.status().orElse(null),
        connections,
        streams.streams(),
        Clock.systemUTC().instant());
  }

  @GET
  @Path("states")
  @Operation(summary = "Confirmed states of all devices that hold now; for platform administrators")
  @APIResponse(
      responseCode = "default",
      description = "Problems: INVALID_VALUE, INVALID_CURSOR, FORBIDDEN, READ_UNAVAILABLE",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public ListResponse<StateResponse> list(
      @QueryParam("cursor") @Nullable String cursor,
      @QueryParam("limit") @Nullable String limit,
      @Context ContainerRequestContext context) {
    Call.of(context).requireAdmin();
    return ListResponse.of(queries.states(cursor, Call.limit(limit)), StateResponse::of);
  }

  @GET
  @Path("summaries")
  @Operation(summary = "Reports by hour, source and kind, newest hour first")
  @APIResponse(
      responseCode = "default",
      description = "Problems: INVALID_VALUE, FORBIDDEN, READ_UNAVAILABLE",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public ListResponse<SummaryResponse> summaries(
      @QueryParam("hours") @DefaultValue("24") String hours,
      @Context ContainerRequestContext context) {
    Call.of(context).requireAdmin();
    long count = Call.number(hours, "hours", 1);
    if (count > MAX_HOURS) {
      throw new ServiceException(ErrorCode.INVALID_VALUE, "hours is at most " + MAX_HOURS);
    }
    Instant since = Clock.systemUTC().instant().minus(Duration.ofHours(count));
    return new ListResponse<>(
        queries.summaries(since, MAX_SUMMARIES).stream().map(SummaryResponse::of).toList(), null);
  }

  @GET
  @Path("dead-letters")
  @Operation(summary = "Dead letters of the consumer groups, oldest first")
  @APIResponse(
      responseCode = "default",
      description = "Problems: INVALID_VALUE, FORBIDDEN, REPORTS_UNAVAILABLE",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public ListResponse<LetterResponse> deadLetters(
      @QueryParam("cursor") @DefaultValue("0") String cursor,
      @QueryParam("limit") @Nullable String limit,
      @Context ContainerRequestContext context) {
    Call.of(context).requireAdmin();
    int most = Call.limit(limit);
    List<LetterResponse> letters =
        admin.deadLetters(Call.number(cursor, "cursor", 0), most).stream()
            .map(LetterResponse::of)
            .toList();
    return new ListResponse<>(
        letters, letters.size() < most ? null : Long.toString(letters.getLast().id()));
  }

  @POST
  @Path("dead-letters/{letter}/replay")
  @Operation(summary = "Push the report of a dead letter again; groups that have it ignore it")
  @APIResponse(responseCode = "204", description = "It is in the queue again")
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: FORBIDDEN, NOT_FOUND, REPORT_QUEUE_FULL, REPORT_STORAGE_FAILED,"
              + " REPORTS_UNAVAILABLE, TIMEOUT",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public void replay(
      @PathParam("letter") String id,
      @Context ContainerRequestContext context,
      @Suspended AsyncResponse response) {
    Call.of(context).requireAdmin();
    writes.answer(
        response,
        admin.replay(Call.id(id, "a dead letter")),
        answer -> {
          var unused = answer.orThrow();
          return Response.noContent();
        });
  }

  @POST
  @Path("dead-letters/{letter}/discard")
  @Operation(summary = "Give a dead letter of a consumer group up")
  @APIResponse(responseCode = "204", description = "It is gone")
  @APIResponse(
      responseCode = "default",
      description = "Problems: FORBIDDEN, NOT_FOUND, REPORTS_UNAVAILABLE",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public void discard(@PathParam("letter") String id, @Context ContainerRequestContext context) {
    Call.of(context).requireAdmin();
    admin.discard(Call.id(id, "a dead letter"));
  }

  @DELETE
  @Path("groups/{name}")
  @Operation(summary = "Forget a consumer group that is not configured any more")
  @APIResponse(responseCode = "204", description = "Nothing is kept for it any more")
  @APIResponse(
      responseCode = "default",
      description = "Problems: FORBIDDEN, NOT_FOUND, REPORTS_UNAVAILABLE",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public void removeGroup(
      @PathParam("name") String name, @Context ContainerRequestContext context) {
    Call.of(context).requireAdmin();
    admin.removeGroup(name);
  }
}
