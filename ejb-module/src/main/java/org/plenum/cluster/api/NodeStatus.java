package org.plenum.cluster.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a node says about itself at one moment.
 *
 * @param beat another one each time; a node that says the same beat again says nothing new
 * @param startedAt by the node's own clock
 * @param ready whether it takes requests
 * @param reasons why not, in plain words
 * @param figures what it knows of itself
 * @param url where it is reached, empty when it is alone or does not say
 */
public record NodeStatus(
    String name,
    String version,
    long beat,
    Instant startedAt,
    List<String> roles,
    boolean ready,
    List<String> reasons,
    Map<Figure, Double> figures,
    String url) {
  /** A node that does not say where it is reached. */
  public NodeStatus(
      String name,
      String version,
      long beat,
      Instant startedAt,
      List<String> roles,
      boolean ready,
      List<String> reasons,
      Map<Figure, Double> figures) {
    this(name, version, beat, startedAt, roles, ready, reasons, figures, "");
  }

  /** Copies its collections. */
  public NodeStatus {
    roles = List.copyOf(roles);
    reasons = List.copyOf(reasons);
    figures = Map.copyOf(figures);
  }

  /** A figure, null when the node does not say it. */
  public @Nullable Double figure(Figure figure) {
    return figures.get(figure);
  }

  /** A figure as a whole number, null when the node does not say it. */
  public @Nullable Long whole(Figure figure) {
    Double value = figures.get(figure);
    return value == null ? null : Math.round(value);
  }

  /** A figure as a whole number, 0 when the node does not say it. */
  public long count(Figure figure) {
    return Math.round(figures.getOrDefault(figure, 0.0));
  }

  /** Whether it leads the writing. */
  public boolean leads() {
    return count(Figure.WRITER_EPOCH) > 0;
  }

  /** Whether it writes the cache of the room. */
  public boolean applies() {
    return count(Figure.APPLIER_EPOCH) > 0;
  }
}
