package org.plenum.report;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.plenum.report.api.NewReport;
import org.plenum.report.api.ReportChannel;
import org.plenum.report.api.ReportEnvelope;

/** Reports for tests. */
final class NewReports {
  static final Instant AT = Instant.parse("2026-11-24T11:20:30Z");

  private NewReports() {}

  static ReportEnvelope plain(String source, String key) {
    return of(source, key, "stock", null, null, "{\"key\":\"" + key + "\"}", AT, null);
  }

  static ReportEnvelope placed(String source, String key) {
    return of(source, key, "stock", null, null, "{}", AT, key);
  }

  static ReportEnvelope state(String key, String user, String device, String body, Instant at) {
    return of("src", key, "state", user, device, body, at, null);
  }

  static ReportEnvelope of(
      String source,
      String key,
      String kind,
      @Nullable String user,
      @Nullable String device,
      String body,
      Instant receivedAt,
      @Nullable String position) {
    return new ReportEnvelope(
        new NewReport(
            source, key, kind, user, device, receivedAt, body, ReportChannel.REST, position),
        receivedAt);
  }
}
