package org.plenum.intake;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.NewReport;

/** The answer to a message of the report queue that asked for one. */
final class ReportAnswerJson {
  private static final JsonFactory JSON = new JsonFactory();

  private ReportAnswerJson() {}

  static String of(ReportIntake.Outcome outcome) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeNumberField("version", 1);
      NewReport report = outcome.report();
      ServiceException problem = outcome.problem();
      if (report != null) {
        json.writeStringField("businessKey", report.key());
        json.writeBooleanField("accepted", true);
        json.writeStringField("id", report.id().toString());
      } else if (problem != null) {
        json.writeBooleanField("accepted", false);
        json.writeStringField("code", problem.code().name());
        json.writeStringField("detail", problem.detail());
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("a string writer never fails", e);
    }
    return text.toString();
  }
}
