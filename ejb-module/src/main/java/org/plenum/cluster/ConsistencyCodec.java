package org.plenum.cluster;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.plenum.reader.api.ConsistencyReport;
import org.plenum.reader.api.ConsistencyReport.Difference;

/**
 * The form of a report on its way between nodes: one JSON object with {@code format} 1. Fields that
 * this version does not know are passed over and those that are missing are 0, so that nodes of
 * adjacent versions read each other; only a change that breaks this raises the format. Thread-safe.
 */
final class ConsistencyCodec {
  /** A hundred differences have about 30,000 bytes; nothing longer than this is read. */
  static final int MAX_BYTES = 262_144;

  private static final int FORMAT = 1;
  private static final int MAX_TEXT = 300;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(16).maxNumberLength(64).build())
          .build();

  private ConsistencyCodec() {}

  /** The bytes of a report; texts that are too long are cut. */
  static byte[] encode(ConsistencyReport report) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1_024);
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeNumberField("format", FORMAT);
      json.writeNumberField("revision", report.revision());
      json.writeNumberField("roomRevision", report.roomRevision());
      json.writeNumberField("groups", report.groups());
      json.writeNumberField("segments", report.segments());
      json.writeNumberField("accounts", report.accounts());
      json.writeNumberField("updates", report.updates());
      json.writeNumberField("room", report.room());
      json.writeNumberField("unsettled", report.unsettled());
      json.writeBooleanField("complete", report.complete());
      json.writeArrayFieldStart("differences");
      for (Difference found : report.differences()) {
        json.writeStartObject();
        write(json, "cache", found.cache());
        write(json, "kind", found.kind());
        write(json, "key", found.key());
        write(json, "detail", found.detail());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  private static void write(JsonGenerator json, String name, String text) throws IOException {
    json.writeStringField(
        name, text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT - 1) + "…");
  }

  /** The report, empty for bytes that this version cannot read. */
  static Optional<ConsistencyReport> decode(byte[] bytes) {
    if (bytes.length > MAX_BYTES) {
      return Optional.empty();
    }
    try (JsonParser json = JSON.createParser(bytes)) {
      Map<String, Long> numbers = new HashMap<>();
      List<Difference> differences = new ArrayList<>();
      boolean complete = false;
      start(json.nextToken());
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        if (value == JsonToken.VALUE_NUMBER_INT) {
          numbers.put(name, json.getLongValue());
        } else if (value == JsonToken.START_ARRAY && name.equals("differences")) {
          differences(json, differences);
        } else if (name.equals("complete")) {
          complete = value == JsonToken.VALUE_TRUE;
          json.skipChildren();
        } else {
          json.skipChildren();
        }
      }
      if (json.currentToken() != JsonToken.END_OBJECT || number(numbers, "format") != FORMAT) {
        return Optional.empty();
      }
      return Optional.of(
          new ConsistencyReport(
              numbers.getOrDefault("revision", 0L),
              numbers.getOrDefault("roomRevision", 0L),
              number(numbers, "groups"),
              number(numbers, "segments"),
              number(numbers, "accounts"),
              number(numbers, "updates"),
              number(numbers, "room"),
              number(numbers, "unsettled"),
              complete,
              differences));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static int number(Map<String, Long> numbers, String name) {
    return Math.clamp(numbers.getOrDefault(name, 0L), 0, Integer.MAX_VALUE);
  }

  private static void start(JsonToken token) throws IOException {
    if (token != JsonToken.START_OBJECT) {
      throw new IOException("no object");
    }
  }

  private static void differences(JsonParser json, List<Difference> differences)
      throws IOException {
    while (json.nextToken() != JsonToken.END_ARRAY) {
      start(json.currentToken());
      Map<String, String> texts = new HashMap<>();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        if (json.nextToken() == JsonToken.VALUE_STRING) {
          texts.put(name, json.getText());
        } else {
          json.skipChildren();
        }
      }
      if (differences.size() < ConsistencyReport.MAX_DIFFERENCES) {
        differences.add(
            new Difference(
                texts.getOrDefault("cache", ""),
                texts.getOrDefault("kind", ""),
                texts.getOrDefault("key", ""),
                texts.getOrDefault("detail", "")));
      }
    }
  }
}
