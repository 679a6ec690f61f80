package org.plenum.intake;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/** The answer to a message of the report queue that asked for one. */
final class ReportAnswerJson {
  private static final JsonFactory JSON = new JsonFactory();

  private ReportAnswerJson() {}

  static String of(LegacyOutcome outcome) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeNumberField("version", 1);
      switch (outcome) {
        case LegacyOutcome.Stored done -> {
          json.writeStringField("businessKey", done.report().key());
          json.writeBooleanField("accepted", true);
          json.writeStringField("id", done.report().id().toString());
        }
        case LegacyOutcome.Refused not -> {
          json.writeBooleanField("accepted", false);
          json.writeStringField("code", not.code().name());
          json.writeStringField("detail", not.detail());
        }
        case LegacyOutcome.Applied not ->
            throw new IllegalArgumentException("a command is answered by LegacyAnswer");
        case LegacyOutcome.Postponed not ->
            throw new IllegalArgumentException("nothing to answer yet");
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("a string writer never fails", e);
    }
    return text.toString();
  }
}
