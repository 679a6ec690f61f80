package org.plenum.cluster;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.plenum.cluster.api.ClusterNode;
import org.plenum.cluster.api.ClusterNode.Presence;
import org.plenum.cluster.api.DatabaseStatus;
import org.plenum.cluster.api.DatabaseStatus.Replica;
import org.plenum.cluster.api.DatabaseStatus.Replication;
import org.plenum.cluster.api.DatabaseStatus.Slot;
import org.plenum.cluster.api.Figure;
import org.plenum.cluster.api.NodeStatus;

/** Nodes and databases for tests. */
final class Statuses {
  static final Instant START = Instant.parse("2026-11-24T10:00:00Z");
  static final ClusterConfig CONFIG =
      new ClusterConfig(
          Duration.ofSeconds(2),
          Duration.ofSeconds(10),
          Duration.ofMinutes(10),
          1_000,
          true,
          Duration.ofSeconds(60));
  static final DatabaseStatus DATABASE =
      new DatabaseStatus(
          "PostgreSQL 18.0",
          0.4,
          null,
          new Replication(
              true,
              false,
              List.of(new Replica("replica", "streaming", "async", 120L, 0.8)),
              List.of(new Slot("replica", true, 4_096L))));

  private Statuses() {}

  /** A node that is well, leads and applies when it is the first. */
  static NodeStatus node(String name, long beat, boolean first) {
    Map<Figure, Double> figures = new EnumMap<>(Figure.class);
    figures.put(Figure.SOCKETS, 12.0);
    figures.put(Figure.WRITER_EPOCH, first ? 7.0 : 0.0);
    figures.put(Figure.APPLIER_EPOCH, first ? 3.0 : 0.0);
    figures.put(Figure.APPLIED, 1_000.0);
    figures.put(Figure.BEHIND, 0.0);
    figures.put(Figure.DATABASE_MILLIS, 0.5);
    figures.put(Figure.TOPIC_AWAY, 0.0);
    return new NodeStatus(
        name,
        "1.0.0",
        beat,
        START,
        List.of("business", "reader", "writer"),
        true,
        List.of(),
        figures);
  }

  /** The same with a figure changed. */
  static NodeStatus with(NodeStatus status, Figure figure, double value) {
    Map<Figure, Double> figures = new EnumMap<>(status.figures());
    figures.put(figure, value);
    return new NodeStatus(
        status.name(),
        status.version(),
        status.beat(),
        status.startedAt(),
        status.roles(),
        status.ready(),
        status.reasons(),
        figures);
  }

  static ClusterNode here(NodeStatus status) {
    return new ClusterNode(status.name(), Presence.HERE, Duration.ofSeconds(1), status);
  }
}
