package org.plenum.cluster.api;

import java.util.List;
import java.util.Objects;
import org.plenum.reader.api.ConsistencyReport;

/**
 * The near caches of every node, and the cache of the room as each of them sees it, compared with
 * the database (GRP-5).
 *
 * @param nodes the one that answers first, then those it knows, by name
 */
public record ClusterConsistency(List<NodeConsistency> nodes) {
  /** Copies the list. */
  public ClusterConsistency {
    nodes = List.copyOf(nodes);
  }

  /** The reports of those that were compared. */
  public List<ConsistencyReport> reports() {
    return nodes.stream().map(NodeConsistency::report).filter(Objects::nonNull).toList();
  }

  /** Whether nothing differs in what was compared. */
  public boolean consistent() {
    return reports().stream().allMatch(ConsistencyReport::consistent);
  }

  /** Whether every node was compared, within its limit, and no value was left out. */
  public boolean complete() {
    return nodes.stream()
        .map(NodeConsistency::report)
        .allMatch(report -> report != null && report.complete() && report.unsettled() == 0);
  }
}
