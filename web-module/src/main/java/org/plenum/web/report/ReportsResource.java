package org.plenum.web.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.annotation.PostConstruct;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.AsyncResponse;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.Suspended;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;
import org.plenum.account.api.Account;
import org.plenum.platform.config.KnownConfig;
import org.plenum.report.ReportConfig;
import org.plenum.report.api.NewReport;
import org.plenum.report.api.ReportAnswer;
import org.plenum.report.api.ReportChannel;
import org.plenum.report.api.ReportJson;
import org.plenum.report.api.ReportQueries;
import org.plenum.report.api.ReportService;
import org.plenum.web.api.Call;
import org.plenum.web.api.ListResponse;
import org.plenum.web.api.TakesReports;
import org.plenum.web.api.Writes;
import org.plenum.web.error.Problem;
import org.plenum.web.error.ProblemSchema;
import org.plenum.web.report.ReportRequests.Item;
import org.plenum.web.report.ReportRequests.SubmittedList;

/** Reports of programs that speak HTTP (RPT-5). */
@Path("/reports")
@ApplicationScoped
@Tag(name = "Reports")
@Produces(MediaType.APPLICATION_JSON)
public class ReportsResource {
  private final int maxList = ReportConfig.MAX_LIST.from(KnownConfig.get());

  @Inject private ReportService reports;
  @Inject private ReportQueries queries;
  @Inject private ReportRights rights;
  @Inject private Writes writes;

  private @Nullable ReportRequests requests;

  /** What became of each report of a list, in its order. */
  public record ReceiptsResponse(List<ReportReceipt> items) {}

  @PostConstruct
  void start() {
    requests = new ReportRequests(reports, rights, Clock.systemUTC());
  }

  @POST
  @TakesReports
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "Hand in one report (an object) or several (an array)",
      description =
          "Answered when they are durable. One: 202 with its receipt. Several: 200 with a receipt"
              + " for each; those that are refused do not hold up the others. A report that comes"
              + " again with the same source and businessKey has no second effect. Fields: kind"
              + " (needed), businessKey (default: the Idempotency-Key, else a new one), source and"
              + " user (by default the account; others need the right to report for others),"
              + " device, occurredAt, body (a JSON object), version (1).")
  @APIResponse(
      responseCode = "202",
      description = "Durable; it takes effect in its order",
      content = @Content(schema = @Schema(implementation = ReportReceipt.class)))
  @APIResponse(
      responseCode = "200",
      description = "For a list: what became of each report",
      content = @Content(schema = @Schema(implementation = ReceiptsResponse.class)))
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: INVALID_VALUE, MALFORMED_REQUEST, INVALID_UTF8, PAYLOAD_TOO_LARGE,"
              + " UNSUPPORTED_MEDIA_TYPE, FORBIDDEN, RATE_LIMITED, REPORT_QUEUE_FULL,"
              + " REPORT_STORAGE_FAILED, REPORTS_UNAVAILABLE, TIMEOUT",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public void submit(
      byte @Nullable [] body,
      @Context ContainerRequestContext context,
      @Suspended AsyncResponse response) {
    Call call = Call.of(context);
    Account account = call.account();
    rights.acquire(account, 1);
    String text = new String(Call.required(body, "the body"), UTF_8);
    if (ReportJson.isList(text)) {
      many(account, text, response);
      return;
    }
    UUID key = call.idempotencyKey();
    NewReport report =
        started().one(account, text, key == null ? null : key.toString(), ReportChannel.REST);
    writes.answer(
        response,
        reports.submit(report),
        answer -> {
          var unused = answer.orThrow();
          return Response.accepted(ReportReceipt.of(report));
        });
  }

  private void many(Account account, String text, AsyncResponse response) {
    SubmittedList list = started().submitList(account, text, maxList, ReportChannel.REST);
    CompletionStage<ReportAnswer> submitted = list.answer();
    if (submitted == null) {
      response.resume(Response.ok(receipts(list.items())).build());
      return;
    }
    writes.answer(
        response,
        submitted,
        answer -> {
          var unused = answer.orThrow();
          return Response.ok(receipts(list.items()));
        });
  }

  private static ReceiptsResponse receipts(List<Item> items) {
    return new ReceiptsResponse(items.stream().map(ReportsResource::receipt).toList());
  }

  private static ReportReceipt receipt(Item item) {
    NewReport report = item.report();
    return report == null
        ? ReportReceipt.of(Objects.requireNonNull(item.problem()))
        : ReportReceipt.of(report);
  }

  private ReportRequests started() {
    return Objects.requireNonNull(requests);
  }

  @GET
  @Operation(summary = "Stored reports, oldest first; for platform administrators")
  @APIResponse(
      responseCode = "default",
      description = "Problems: INVALID_VALUE, INVALID_CURSOR, FORBIDDEN, READ_UNAVAILABLE",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public ListResponse<ReportResponse> list(
      @QueryParam("source") @Nullable String source,
      @QueryParam("cursor") @Nullable String cursor,
      @QueryParam("limit") @Nullable String limit,
      @Context ContainerRequestContext context) {
    Call.of(context).requireAdmin();
    return ListResponse.of(queries.reports(source, cursor, Call.limit(limit)), ReportResponse::of);
  }
}
