package org.plenum.web.consistency;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.plenum.cluster.api.ClusterConsistency;
import org.plenum.cluster.api.NodeConsistency;
import org.plenum.reader.api.ConsistencyReport;

/**
 * What the caches of every node, and of the room as each node sees it, hold, compared with the
 * database.
 *
 * @param consistent whether nothing differs in what was compared
 * @param complete whether every node was compared in time, and no value was left out
 * @param revision of the updates of the node that answers when its comparison ended; 0 when it was
 *     not compared
 * @param groups groups of all near caches compared
 * @param segments runs of 64 entries of all near caches compared
 * @param accounts accounts of all near caches compared
 * @param nodes each node that is known, the one that answers first
 * @param differences what differed, at most 100 of each node; carries no message texts
 */
public record ConsistencyResponse(
    boolean consistent,
    boolean complete,
    long revision,
    int groups,
    int segments,
    int accounts,
    List<NodeView> nodes,
    List<DifferenceView> differences) {
  /**
   * A node.
   *
   * @param compared whether it was compared; if not, all numbers are 0
   * @param reason why it was not compared, or null
   * @param complete whether all that was asked for was looked at in time
   * @param revision of its updates when its comparison ended
   * @param roomRevision up to which the cache of the room was current by its own word; 0 for none,
   *     -1 when it did not answer
   * @param updates updates of its window compared with the log
   * @param room values of the cache of the room compared, as this node sees it
   * @param unsettled values that changed too fast to be compared
   * @param millis how long its answer took
   */
  public record NodeView(
      String node,
      boolean compared,
      @Nullable String reason,
      boolean complete,
      long revision,
      long roomRevision,
      int groups,
      int segments,
      int accounts,
      int updates,
      int room,
      int unsettled,
      int differences,
      long millis) {
    static NodeView of(NodeConsistency node) {
      ConsistencyReport report = node.report();
      return report == null
          ? new NodeView(
              node.node(),
              false,
              node.reason(),
              false,
              0,
              0,
              0,
              0,
              0,
              0,
              0,
              0,
              0,
              node.took().toMillis())
          : new NodeView(
              node.node(),
              true,
              null,
              report.complete(),
              report.revision(),
              report.roomRevision(),
              report.groups(),
              report.segments(),
              report.accounts(),
              report.updates(),
              report.room(),
              report.unsettled(),
              report.differences().size(),
              node.took().toMillis());
    }
  }

  /**
   * A value that stayed different.
   *
   * @param node that found it
   * @param cache {@code near} (the node's heap), {@code window} (its recent updates) or {@code
   *     room} (the data grid)
   * @param kind group, segment, account or update
   */
  public record DifferenceView(String node, String cache, String kind, String key, String detail) {}

  static ConsistencyResponse of(ClusterConsistency all) {
    List<ConsistencyReport> reports = all.reports();
    ConsistencyReport own = all.nodes().getFirst().report();
    return new ConsistencyResponse(
        all.consistent(),
        all.complete(),
        own == null ? 0 : own.revision(),
        reports.stream().mapToInt(ConsistencyReport::groups).sum(),
        reports.stream().mapToInt(ConsistencyReport::segments).sum(),
        reports.stream().mapToInt(ConsistencyReport::accounts).sum(),
        all.nodes().stream().map(NodeView::of).toList(),
        all.nodes().stream().flatMap(ConsistencyResponse::differences).toList());
  }

  private static Stream<DifferenceView> differences(NodeConsistency node) {
    ConsistencyReport report = node.report();
    return report == null
        ? Stream.empty()
        : report.differences().stream()
            .map(
                found ->
                    new DifferenceView(
                        node.node(), found.cache(), found.kind(), found.key(), found.detail()));
  }
}
