package org.plenum.web.consistency;

import java.util.List;
import org.plenum.reader.api.ConsistencyReport;

/**
 * What the caches of this node and of its room hold, compared with the database.
 *
 * @param consistent whether nothing differs
 * @param revision of the updates of this node when the comparison ended
 * @param groups groups compared
 * @param segments runs of 64 entries compared
 * @param accounts accounts compared
 * @param differences what differed, at most 100; carries no message texts
 */
public record ConsistencyResponse(
    boolean consistent,
    long revision,
    int groups,
    int segments,
    int accounts,
    List<DifferenceView> differences) {
  /**
   * A value that stayed different.
   *
   * @param cache {@code near} (this node's heap) or {@code room} (the data grid)
   * @param kind group, segment or account
   */
  public record DifferenceView(String cache, String kind, String key, String detail) {}

  static ConsistencyResponse of(ConsistencyReport report) {
    return new ConsistencyResponse(
        report.consistent(),
        report.revision(),
        report.groups(),
        report.segments(),
        report.accounts(),
        report.differences().stream()
            .map(
                found ->
                    new DifferenceView(found.cache(), found.kind(), found.key(), found.detail()))
            .toList());
  }
}
