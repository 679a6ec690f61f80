package org.plenum.cluster.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The cluster as one node sees it.
 *
 * @param answeredBy name of that node
 * @param verdict one sentence
 * @param problems the worst first
 * @param nodes this one first, then by name
 * @param head last revision of the update log, null when it is not known
 * @param deadLetters commands of legacy systems that wait for an administrator, null when unknown
 */
public record ClusterView(
    String answeredBy,
    Instant at,
    String verdict,
    List<ClusterProblem> problems,
    List<ClusterNode> nodes,
    DatabaseStatus database,
    @Nullable Long head,
    @Nullable Long deadLetters) {
  /** Copies its lists. */
  public ClusterView {
    problems = List.copyOf(problems);
    nodes = List.copyOf(nodes);
  }
}
