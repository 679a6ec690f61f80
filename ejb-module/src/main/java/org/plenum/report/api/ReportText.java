package org.plenum.report.api;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import org.jspecify.annotations.Nullable;

/**
 * The JSON of a report as processing servers get it, over a stream or by a topic. Its body is the
 * text that was reported, unchanged. Golden: fields are added, none is changed.
 */
public final class ReportText {
  private static final JsonStringEncoder ENCODER = JsonStringEncoder.getInstance();

  private ReportText() {}

  /** Without a place in a queue. */
  public static String json(ReportEnvelope envelope) {
    StringBuilder json = new StringBuilder(256 + envelope.report().body().length());
    json.append("{\"version\":1");
    append(json, envelope);
    return json.toString();
  }

  /** With the sequence that is to be acknowledged. */
  public static void append(StringBuilder json, long sequence, ReportEnvelope envelope) {
    json.append("{\"sequence\":").append(sequence);
    append(json, envelope);
  }

  private static void append(StringBuilder json, ReportEnvelope envelope) {
    NewReport report = envelope.report();
    json.append(",\"id\":\"").append(envelope.id()).append('"');
    field(json, "source", report.source());
    field(json, "businessKey", report.key());
    field(json, "kind", report.kind());
    field(json, "user", report.user());
    field(json, "device", report.device());
    field(json, "occurredAt", report.occurredAt().toString());
    field(json, "receivedAt", envelope.receivedAt().toString());
    field(json, "receivedVia", report.receivedVia().name());
    json.append(",\"body\":").append(report.body()).append('}');
  }

  private static void field(StringBuilder json, String name, @Nullable String value) {
    if (value != null) {
      json.append(",\"").append(name).append("\":\"");
      ENCODER.quoteAsString(value, json);
      json.append('"');
    }
  }
}
