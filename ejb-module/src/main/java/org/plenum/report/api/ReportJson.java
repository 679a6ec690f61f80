package org.plenum.report.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/**
 * Reads the JSON contract of reports, version 1, that all intakes share: one object, strictly.
 * Unknown and doubled fields are refused, so that a typing error never silently changes what was
 * reported. The body is kept as it was written. Thread-safe.
 */
public final class ReportJson {
  private static final int DEPTH = 64;
  private static final int NAME_LENGTH = 1_000;

  private final JsonFactory json =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEPTH)
                  .maxNumberLength(400)
                  .maxNameLength(NAME_LENGTH)
                  .build())
          .build();

  /**
   * The fields as they were written; null where they were not.
   *
   * @param businessKey names the report within its source
   * @param position of the producer's source
   */
  public record Fields(
      @Nullable String businessKey,
      @Nullable String source,
      @Nullable String kind,
      @Nullable String user,
      @Nullable String device,
      @Nullable Instant occurredAt,
      @Nullable String body,
      @Nullable String position) {
    /**
     * The report, with what the intake knows in place of what was not written.
     *
     * @param defaultSource who reports when nothing is said
     * @param defaultKey names the report when nothing is said
     * @param defaultTime when it happened when nothing is said
     * @throws ServiceException INVALID_VALUE when the kind is missing
     */
    public NewReport report(
        String defaultSource, String defaultKey, Instant defaultTime, ReportChannel channel) {
      if (kind == null) {
        throw invalid("kind", "is missing");
      }
      return new NewReport(
          source == null ? defaultSource : source,
          businessKey == null ? defaultKey : businessKey,
          kind,
          user,
          device,
          occurredAt == null ? defaultTime : occurredAt,
          body == null ? "{}" : body,
          channel,
          position);
    }
  }

  /** One element of a list: what it says, or why it cannot be taken. */
  public record Item(@Nullable Fields fields, @Nullable ServiceException problem) {}

  /**
   * One report.
   *
   * @throws ServiceException MALFORMED_REQUEST, INVALID_VALUE
   */
  public Fields read(String text) {
    try (JsonParser parser = json.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new ServiceException(ErrorCode.MALFORMED_REQUEST, "the text is not a JSON object");
      }
      Item item = item(parser, text);
      end(parser);
      if (item.problem() != null) {
        throw item.problem();
      }
      return Objects.requireNonNull(item.fields());
    } catch (IOException e) {
      throw malformed(e);
    }
  }

  /** Whether the text is a list of reports rather than one. */
  public static boolean isList(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
        return c == '[';
      }
    }
    return false;
  }

  /**
   * A list of reports; an element that is JSON but no report is a problem of its own.
   *
   * @param most elements
   * @throws ServiceException MALFORMED_REQUEST; PAYLOAD_TOO_LARGE when there are more elements
   */
  public List<Item> readList(String text, int most) {
    List<Item> items = new ArrayList<>();
    try (JsonParser parser = json.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        throw new ServiceException(ErrorCode.MALFORMED_REQUEST, "the text is not a JSON array");
      }
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (items.size() == most) {
          throw new ServiceException(
              ErrorCode.PAYLOAD_TOO_LARGE, "a list has at most " + most + " reports");
        }
        items.add(item(parser, text));
      }
      end(parser);
      return items;
    } catch (IOException e) {
      throw malformed(e);
    }
  }

  private static void end(JsonParser parser) throws IOException {
    if (parser.nextToken() != null) {
      throw new ServiceException(
          ErrorCode.MALFORMED_REQUEST, "there is something after the end of the JSON text");
    }
  }

  /** Reads to the end of the element even when it is refused, so that the next one can be read. */
  private static Item item(JsonParser parser, String text) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return new Item(
          null, new ServiceException(ErrorCode.INVALID_VALUE, "a report is a JSON object"));
    }
    Reading reading = new Reading();
    @Nullable ServiceException problem = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      int start = (int) parser.currentTokenLocation().getCharOffset();
      try {
        if (problem == null) {
          reading.take(name, parser, text, start);
        } else {
          parser.skipChildren();
        }
      } catch (ServiceException e) {
        problem = e;
        parser.skipChildren();
      }
    }
    return problem == null ? new Item(reading.fields(), null) : new Item(null, problem);
  }

  private static final class Reading {
    private @Nullable String businessKey;
    private @Nullable String source;
    private @Nullable String kind;
    private @Nullable String user;
    private @Nullable String device;
    private @Nullable Instant occurredAt;
    private @Nullable String body;
    private @Nullable String position;

    void take(String name, JsonParser parser, String text, int start) throws IOException {
      switch (name) {
        case "version" -> version(parser);
        case "businessKey" -> businessKey = text(name, parser);
        case "source" -> source = text(name, parser);
        case "kind" -> kind = text(name, parser);
        case "user" -> user = text(name, parser);
        case "device" -> device = text(name, parser);
        case "position" -> position = text(name, parser);
        case "occurredAt" -> occurredAt = time(text(name, parser));
        case "body" -> {
          if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw invalid(name, "must be a JSON object");
          }
          parser.skipChildren();
          body = text.substring(start, (int) parser.currentLocation().getCharOffset());
        }
        default -> throw new ServiceException(ErrorCode.INVALID_VALUE, "unknown field: " + name);
      }
    }

    private static void version(JsonParser parser) throws IOException {
      if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT || !parser.getText().equals("1")) {
        throw invalid("version", "must be 1");
      }
    }

    private static String text(String name, JsonParser parser) throws IOException {
      if (parser.currentToken() != JsonToken.VALUE_STRING) {
        throw invalid(name, "must be a text");
      }
      return parser.getText();
    }

    private static Instant time(String text) {
      try {
        return OffsetDateTime.parse(text).toInstant();
      } catch (DateTimeException e) {
        throw new ServiceException(
            ErrorCode.INVALID_VALUE,
            "the field occurredAt must be a time with its zone, as 2026-11-24T10:00:00Z",
            null,
            e);
      }
    }

    Fields fields() {
      return new Fields(businessKey, source, kind, user, device, occurredAt, body, position);
    }
  }

  private static ServiceException malformed(IOException e) {
    String message = e.getMessage();
    return new ServiceException(
        ErrorCode.MALFORMED_REQUEST,
        "not valid JSON: " + (message == null ? "" : message.lines().findFirst().orElse("")),
        null,
        e);
  }

  private static ServiceException invalid(String name, String reason) {
    return new ServiceException(ErrorCode.INVALID_VALUE, "the field " + name + " " + reason);
  }
}
