package org.plenum.intake;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/** The JSON that a producer gets at its {@code JMSReplyTo}, version 1. */
final class LegacyAnswer {
  private static final JsonFactory JSON = new JsonFactory();

  private LegacyAnswer() {}

  static String json(LegacyOutcome outcome) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeNumberField("version", 1);
      LegacyCommand command = outcome.command();
      if (command != null && command.businessKey() != null) {
        json.writeStringField("businessKey", command.businessKey());
      }
      switch (outcome) {
        case LegacyOutcome.Applied done -> {
          json.writeBooleanField("accepted", true);
          json.writeStringField("group", done.answer().group().toString());
          json.writeNumberField("seq", done.answer().seq());
          json.writeBooleanField("replayed", done.answer().replayed());
        }
        case LegacyOutcome.Refused not -> {
          json.writeBooleanField("accepted", false);
          json.writeStringField("code", not.code().name());
          json.writeStringField("detail", not.detail());
        }
        case LegacyOutcome.Stored not ->
            throw new IllegalArgumentException("a report is answered by ReportAnswerJson");
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
