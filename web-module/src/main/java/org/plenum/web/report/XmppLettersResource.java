package org.plenum.web.report;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;
import org.plenum.report.api.XmppLetterService;
import org.plenum.report.api.XmppLetterService.XmppLetter;
import org.plenum.web.api.Call;
import org.plenum.web.api.ListResponse;
import org.plenum.web.api.Times;
import org.plenum.web.error.Problem;
import org.plenum.web.error.ProblemSchema;

/** Messages of XMPP servers that were no reports; for platform administrators. */
@Path("/reports/xmpp-letters")
@ApplicationScoped
@Tag(name = "Reports")
@Produces(MediaType.APPLICATION_JSON)
public class XmppLettersResource {
  @Inject private XmppLetterService letters;

  /** A message that was no report. */
  public record XmppLetterResponse(
      long id,
      String source,
      String archiveId,
      String sender,
      String code,
      String detail,
      @Nullable String text,
      String at) {
    static XmppLetterResponse of(XmppLetter letter) {
      return new XmppLetterResponse(
          letter.id(),
          letter.source(),
          letter.archiveId(),
          letter.sender(),
          letter.code().name(),
          letter.detail(),
          letter.text(),
          Times.text(letter.at()));
    }
  }

  @GET
  @Operation(summary = "Messages in archives of XMPP servers that were no reports, newest first")
  @APIResponse(
      responseCode = "default",
      description = "Problems: INVALID_VALUE, FORBIDDEN, READ_UNAVAILABLE",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public ListResponse<XmppLetterResponse> list(
      @QueryParam("cursor") @Nullable String cursor,
      @QueryParam("limit") @Nullable String limit,
      @Context ContainerRequestContext context) {
    Call.of(context).requireAdmin();
    long before = cursor == null ? Long.MAX_VALUE : Call.number(cursor, "cursor", 1);
    int most = Call.limit(limit);
    List<XmppLetterResponse> found =
        letters.letters(before, most).stream().map(XmppLetterResponse::of).toList();
    return new ListResponse<>(
        found, found.size() < most ? null : Long.toString(found.getLast().id()));
  }

  @POST
  @Path("{letter}/discard")
  @Operation(summary = "Give such a message up: its text is deleted")
  @APIResponse(responseCode = "204", description = "It is gone")
  @APIResponse(
      responseCode = "default",
      description = "Problems: FORBIDDEN, NOT_FOUND, READ_UNAVAILABLE",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public void discard(@PathParam("letter") String id, @Context ContainerRequestContext context) {
    Call.of(context).requireAdmin();
    letters.discard(Call.id(id, "a letter"));
  }
}
