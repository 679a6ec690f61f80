package org.plenum.web.push;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What a processing server says on its {@link ReportStream} (RPT-3). Immutable. */
sealed interface ProcessingFrame {
  /** It has room for so many reports more. */
  record Credit(long count) implements ProcessingFrame {}

  /** It is done with all reports of the queue up to this one. */
  record Ack(@Nullable String queue, long sequence) implements ProcessingFrame {}

  /** It cannot process this report of the queue. */
  record Reject(@Nullable String queue, long sequence, String reason) implements ProcessingFrame {}

  /** It is alive. */
  record Ping() implements ProcessingFrame {}

  /** Of another node: the processing server behind it is gone without a word. */
  record Lost() implements ProcessingFrame {}

  /** What is no frame, and why. */
  record Nonsense(String detail) implements ProcessingFrame {}

  /** Longer reasons are cut. */
  int MAX_REASON = 500;

  /** Nothing of a frame is deep or long. */
  JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(4).maxNumberLength(20).build())
          .build();

  /** Reads a frame; what cannot be read is {@link Nonsense}. */
  static ProcessingFrame parse(byte[] utf8, int length) {
    String type = "";
    @Nullable String queue = null;
    String reason = "rejected by the processing server";
    long count = -1;
    long sequence = -1;
    try (JsonParser parser = JSON.createParser(utf8, 0, length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return new Nonsense("a frame is a JSON object");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (name) {
          case "type" -> type = parser.getText();
          case "queue" -> queue = value == JsonToken.VALUE_STRING ? parser.getText() : null;
          case "reason" -> reason = parser.getText();
          case "count" -> count = value == JsonToken.VALUE_NUMBER_INT ? parser.getLongValue() : -1;
          case "sequence" ->
              sequence = value == JsonToken.VALUE_NUMBER_INT ? parser.getLongValue() : -1;
          default -> parser.skipChildren();
        }
      }
    } catch (IOException e) {
      return new Nonsense("not acceptable JSON");
    }
    return switch (type) {
      case "credit" ->
          count < 1
              ? new Nonsense("count must be at least 1")
              : new Credit(Math.min(count, Integer.MAX_VALUE));
      case "ack" -> sequence < 1 ? new Nonsense("sequence is missing") : new Ack(queue, sequence);
      case "reject" ->
          sequence < 1
              ? new Nonsense("sequence is missing")
              : new Reject(
                  queue,
                  sequence,
                  reason.length() <= MAX_REASON ? reason : reason.substring(0, MAX_REASON));
      case "ping" -> new Ping();
      case "lost" -> new Lost();
      default -> new Nonsense("unknown type");
    };
  }
}
