package org.plenum.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.plenum.cluster.api.Figure;
import org.plenum.cluster.api.NodeStatus;

/** The form of a status on the grid, which nodes of the next and the last version read too. */
class NodeStatusCodecTest {
  /** As the first version wrote it: it is read for ever. */
  private static final String GOLDEN =
      "{\"format\":1,\"name\":\"node1\",\"version\":\"1.0.0\",\"beat\":5,"
          + "\"startedAt\":\"2026-11-24T10:00:00Z\",\"roles\":[\"business\",\"reader\",\"writer\"],"
          + "\"ready\":true,\"reasons\":[],\"figures\":{\"sockets\":12,\"writerEpoch\":7,"
          + "\"applied\":1000,\"behind\":0,\"topicAway\":0,\"applierEpoch\":3,"
          + "\"databaseMillis\":0.5}}";

  private final NodeStatus status = Statuses.node("node1", 5, true);

  @Test
  void theBytesAreThoseOfTheFirstVersion() {
    assertThat(new String(NodeStatusCodec.encode(status), UTF_8)).isEqualTo(GOLDEN);
    assertThat(NodeStatusCodec.decode(GOLDEN.getBytes(UTF_8))).contains(status);
  }

  @Test
  void everyFigureTravels() {
    Map<Figure, Double> figures = new EnumMap<>(Figure.class);
    for (Figure figure : Figure.values()) {
      figures.put(figure, figure.ordinal() + 0.25);
    }
    NodeStatus full =
        new NodeStatus(
            "n",
            "2",
            1,
            Statuses.START,
            List.of(),
            false,
            List.of("database: away"),
            figures,
            "http://10.0.0.11:28080");
    assertThat(NodeStatusCodec.decode(NodeStatusCodec.encode(full))).contains(full);
  }

  @Test
  void aStatusBeforeTheFirstFiguresTravels() {
    NodeStatus early =
        new NodeStatus("n", "2", 1, Statuses.START, List.of(), false, List.of(), Map.of(), "");
    assertThat(NodeStatusCodec.decode(NodeStatusCodec.encode(early))).contains(early);
  }

  @Test
  void whatALaterVersionSaysMoreIsPassedOver() {
    String later =
        "{\"new\":{\"a\":[1,{\"b\":2}]},\"format\":1,\"more\":[[\"x\"]],\"name\":\"node1\","
            + "\"roles\":[\"business\",{\"role\":\"new\"}],\"figures\":{\"sockets\":3,"
            + "\"unheardOf\":4,\"queue\":\"many\",\"waiting\":{\"a\":1}},\"last\":null}";
    assertThat(NodeStatusCodec.decode(later.getBytes(UTF_8)))
        .hasValueSatisfying(
            read -> {
              assertThat(read.name()).isEqualTo("node1");
              assertThat(read.roles()).containsExactly("business");
              assertThat(read.figures()).containsExactly(Map.entry(Figure.SOCKETS, 3.0));
            });
  }

  @Test
  void anotherFormatIsNotRead() {
    assertThat(NodeStatusCodec.decode("{\"format\":2,\"name\":\"n\"}".getBytes(UTF_8))).isEmpty();
    assertThat(NodeStatusCodec.decode("{\"name\":\"n\"}".getBytes(UTF_8))).isEmpty();
    assertThat(NodeStatusCodec.decode("{\"format\":1}".getBytes(UTF_8))).isEmpty();
  }

  @Test
  void noBytesHarm() {
    assertThat(NodeStatusCodec.decode(new byte[0])).isEmpty();
    assertThat(NodeStatusCodec.decode("[]".getBytes(UTF_8))).isEmpty();
    assertThat(NodeStatusCodec.decode("{\"format\":1,\"beat\":\"x\"}".getBytes(UTF_8))).isEmpty();
    assertThat(NodeStatusCodec.decode(new byte[NodeStatusCodec.MAX_BYTES + 1])).isEmpty();
    byte[] good = GOLDEN.getBytes(UTF_8);
    for (int length = 0; length < good.length; length++) {
      assertThat(NodeStatusCodec.decode(java.util.Arrays.copyOf(good, length))).isEmpty();
    }
    long seed = 20261124;
    Random random = new Random(seed);
    for (int round = 0; round < 20_000; round++) {
      byte[] damaged = good.clone();
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      NodeStatusCodec.decode(damaged)
          .ifPresent(read -> assertThat(read.name()).as("seed %s", seed).isNotEmpty());
    }
  }

  @Test
  void aStatusStaysSmallWhateverItSays() {
    NodeStatus long1 =
        new NodeStatus(
            "n",
            "1",
            1,
            Statuses.START,
            List.of(),
            false,
            java.util.Collections.nCopies(100, "x".repeat(10_000)),
            status.figures());
    assertThat(NodeStatusCodec.encode(long1)).hasSizeLessThan(NodeStatusCodec.MAX_BYTES / 2);
    assertThat(NodeStatusCodec.decode(NodeStatusCodec.encode(long1))).isPresent();
  }
}
