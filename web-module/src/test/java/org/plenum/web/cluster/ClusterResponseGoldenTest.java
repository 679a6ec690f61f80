package org.plenum.web.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.plenum.cluster.api.ClusterNode;
import org.plenum.cluster.api.ClusterNode.Presence;
import org.plenum.cluster.api.ClusterProblem;
import org.plenum.cluster.api.ClusterView;
import org.plenum.cluster.api.DatabaseStatus;
import org.plenum.cluster.api.Figure;
import org.plenum.cluster.api.NodeStatus;

/**
 * The answer of {@code GET /cluster}: names that monitoring systems rely on, so that fields are
 * added and none is renamed. Written here as the server writes records: names in order, null where
 * nothing is known.
 */
class ClusterResponseGoldenTest {
  private static final Instant AT = Instant.parse("2026-11-24T10:00:00Z");

  @Test
  void theAnswerIsTheOneOfTheFile() throws IOException {
    try (InputStream golden =
        ClusterResponseGoldenTest.class.getResourceAsStream("/golden/cluster.json")) {
      assertThat(golden).isNotNull();
      assertThat(json(ClusterResponse.of(view())))
          .isEqualTo(new String(golden.readAllBytes(), StandardCharsets.UTF_8).strip());
    }
  }

  @Test
  void whatANodeDoesNotSayIsNull() {
    NodeStatus silent =
        new NodeStatus(
            "n", "1", 1, AT, List.of(), true, List.of(), Map.of(Figure.SNAPSHOT_AGE, -1.0));
    ClusterResponse.Node node =
        ClusterResponse.Node.of(new ClusterNode("n", Presence.HERE, Duration.ZERO, silent), AT);
    assertThat(node.reports()).isNull();
    assertThat(node.databaseMillis()).isNull();
    assertThat(node.reader())
        .isEqualTo(
            new ClusterResponse.Reader(false, null, null, null, null, null, null, null, null));
    assertThat(node.topic()).isEqualTo(new ClusterResponse.Topic("OFF", null, null, null, null));
  }

  private static ClusterView view() {
    Map<Figure, Double> figures = new EnumMap<>(Figure.class);
    for (Figure figure : Figure.values()) {
      figures.put(figure, (double) figure.ordinal());
    }
    figures.put(Figure.CPU, 0.25);
    figures.put(Figure.TOPIC_AWAY, 1.0);
    NodeStatus full =
        new NodeStatus(
            "node1",
            "1.0.0",
            1,
            AT.minusSeconds(60),
            List.of("business", "reader", "writer"),
            false,
            List.of("database: away"),
            figures);
    return new ClusterView(
        "node1",
        AT,
        "Trouble: node2 has not been heard of for 14 s.",
        List.of(
            new ClusterProblem(
                ClusterProblem.Kind.NODE_SILENT, "node2", "node2 has not been heard of for 14 s.")),
        List.of(
            new ClusterNode("node1", Presence.HERE, Duration.ZERO, full),
            new ClusterNode("node2", Presence.SILENT, Duration.ofSeconds(14), null)),
        new DatabaseStatus(
            "PostgreSQL 18.0",
            0.5,
            null,
            new DatabaseStatus.Replication(
                true,
                false,
                List.of(new DatabaseStatus.Replica("replica", "streaming", "async", 120L, 0.8)),
                List.of(new DatabaseStatus.Slot("replica", true, 4_096L)))),
        1_000L,
        3L);
  }

  private static String json(Object value) throws IOException {
    StringWriter text = new StringWriter();
    DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
    printer.indentArraysWith(new DefaultIndenter("  ", "\n"));
    printer.indentObjectsWith(new DefaultIndenter("  ", "\n"));
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.setPrettyPrinter(printer);
      write(json, value);
    }
    return text.toString();
  }

  private static void write(JsonGenerator json, @Nullable Object value) throws IOException {
    switch (value) {
      case null -> json.writeNull();
      case String text -> json.writeString(text);
      case Boolean flag -> json.writeBoolean(flag);
      case Long number -> json.writeNumber(number);
      case Double number -> json.writeNumber(number);
      case List<?> list -> {
        json.writeStartArray();
        for (Object each : list) {
          write(json, each);
        }
        json.writeEndArray();
      }
      case Record fields -> {
        json.writeStartObject();
        RecordComponent[] components = fields.getClass().getRecordComponents();
        Arrays.sort(components, Comparator.comparing(RecordComponent::getName));
        for (RecordComponent each : components) {
          json.writeFieldName(each.getName());
          write(json, read(each, fields));
        }
        json.writeEndObject();
      }
      default -> throw new IllegalStateException("no form for " + value.getClass());
    }
  }

  private static @Nullable Object read(RecordComponent component, Object fields) {
    try {
      return component.getAccessor().invoke(fields);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
