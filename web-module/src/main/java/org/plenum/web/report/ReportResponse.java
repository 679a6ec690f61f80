package org.plenum.web.report;

import org.jspecify.annotations.Nullable;
import org.plenum.report.api.NewReport;
import org.plenum.report.api.ReportQueries.Stored;
import org.plenum.web.api.Times;

/**
 * A stored report.
 *
 * @param body the content, as the text it came in
 */
public record ReportResponse(
    String id,
    String source,
    String businessKey,
    String kind,
    @Nullable String user,
    @Nullable String device,
    String occurredAt,
    String receivedAt,
    String receivedVia,
    String storedAt,
    String body) {
  static ReportResponse of(Stored stored) {
    NewReport report = stored.envelope().report();
    return new ReportResponse(
        stored.id().toString(),
        report.source(),
        report.key(),
        report.kind(),
        report.user(),
        report.device(),
        Times.text(report.occurredAt()),
        Times.text(stored.envelope().receivedAt()),
        report.receivedVia().name(),
        Times.text(stored.storedAt()),
        report.body());
  }
}
