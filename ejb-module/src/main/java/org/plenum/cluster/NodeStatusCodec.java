package org.plenum.cluster;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.plenum.cluster.api.Figure;
import org.plenum.cluster.api.NodeStatus;

/**
 * The form of a status on the grid: one JSON object with {@code format} 1. Fields and figures that
 * this version does not know are passed over and those that are missing stand for "not said", so
 * that nodes of adjacent versions read each other; only a change that breaks this raises the
 * format. Thread-safe.
 */
final class NodeStatusCodec {
  /** A status has about 1,500 bytes; nothing longer than this is read. */
  static final int MAX_BYTES = 32_768;

  private static final int FORMAT = 1;
  private static final int MAX_TEXT = 300;
  private static final int MAX_TEXTS = 16;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(16).maxNumberLength(64).build())
          .build();

  private NodeStatusCodec() {}

  /** The bytes of a status; texts that are too long are cut. */
  static byte[] encode(NodeStatus status) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(2_048);
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeNumberField("format", FORMAT);
      json.writeStringField("name", status.name());
      json.writeStringField("version", status.version());
      json.writeNumberField("beat", status.beat());
      json.writeStringField("startedAt", status.startedAt().toString());
      write(json, "roles", status.roles());
      json.writeBooleanField("ready", status.ready());
      write(json, "reasons", status.reasons());
      json.writeObjectFieldStart("figures");
      Map<Figure, Double> figures = new EnumMap<>(Figure.class); // in one order
      figures.putAll(status.figures());
      for (Map.Entry<Figure, Double> figure : figures.entrySet()) {
        write(json, figure.getKey().key(), figure.getValue());
      }
      json.writeEndObject();
      if (!status.url().isEmpty()) {
        json.writeStringField("url", status.url());
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  private static void write(JsonGenerator json, String name, List<String> texts)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (String text : texts.subList(0, Math.min(MAX_TEXTS, texts.size()))) {
      json.writeString(text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT - 1) + "…");
    }
    json.writeEndArray();
  }

  private static void write(JsonGenerator json, String name, double value) throws IOException {
    if (value == Math.rint(value) && Math.abs(value) < 1L << 53) {
      json.writeNumberField(name, (long) value);
    } else if (Double.isFinite(value)) {
      json.writeNumberField(name, Math.round(value * 10_000) / 10_000.0);
    }
  }

  /** The status, empty for bytes that this version cannot read. */
  static Optional<NodeStatus> decode(byte[] bytes) {
    if (bytes.length > MAX_BYTES) {
      return Optional.empty();
    }
    try (JsonParser json = JSON.createParser(bytes)) {
      Fields fields = new Fields();
      object(json, json.nextToken(), name -> fields.read(json, name));
      return fields.status();
    } catch (IOException | DateTimeException e) {
      return Optional.empty();
    }
  }

  /** Reads one value of an object; the parser stands on it. */
  private interface FieldReader {
    void read(String name) throws IOException;
  }

  private static void object(JsonParser json, JsonToken start, FieldReader reader)
      throws IOException {
    if (start != JsonToken.START_OBJECT) {
      throw new IOException("no object");
    }
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      json.nextToken();
      reader.read(name);
    }
    if (json.currentToken() != JsonToken.END_OBJECT) {
      throw new IOException("the object does not end");
    }
  }

  /** What was read so far. */
  private static final class Fields {
    private long format;
    private String name = "";
    private String version = "";
    private String url = "";
    private long beat;
    private Instant startedAt = Instant.EPOCH;
    private boolean ready;
    private final List<String> roles = new ArrayList<>();
    private final List<String> reasons = new ArrayList<>();
    private final Map<Figure, Double> figures = new EnumMap<>(Figure.class);

    void read(JsonParser json, String field) throws IOException {
      switch (field) {
        case "format" -> format = json.getLongValue();
        case "name" -> name = text(json);
        case "version" -> version = text(json);
        case "url" -> url = text(json);
        case "beat" -> beat = json.getLongValue();
        case "startedAt" -> startedAt = Instant.parse(text(json));
        case "ready" -> ready = json.getBooleanValue();
        case "roles" -> texts(json, roles::add);
        case "reasons" -> texts(json, reasons::add);
        case "figures" -> object(json, json.currentToken(), key -> figure(json, key));
        default -> json.skipChildren();
      }
    }

    private void figure(JsonParser json, String key) throws IOException {
      Figure figure = Figure.of(key).orElse(null);
      if (figure != null && json.currentToken().isNumeric()) {
        figures.put(figure, json.getDoubleValue());
      } else {
        json.skipChildren();
      }
    }

    private static String text(JsonParser json) throws IOException {
      String text = json.currentToken() == JsonToken.VALUE_STRING ? json.getText() : "";
      return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT);
    }

    private static void texts(JsonParser json, Consumer<String> each) throws IOException {
      if (json.currentToken() != JsonToken.START_ARRAY) {
        json.skipChildren();
        return;
      }
      int count = 0;
      while (json.nextToken() != JsonToken.END_ARRAY) {
        if (json.currentToken() == null) {
          throw new IOException("the list does not end");
        }
        if (json.currentToken() == JsonToken.VALUE_STRING && count++ < MAX_TEXTS) {
          each.accept(text(json));
        } else {
          json.skipChildren();
        }
      }
    }

    Optional<NodeStatus> status() {
      return format != FORMAT || name.isEmpty()
          ? Optional.empty()
          : Optional.of(
              new NodeStatus(name, version, beat, startedAt, roles, ready, reasons, figures, url));
    }
  }
}
