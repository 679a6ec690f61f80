package org.plenum.cluster.api;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.plenum.reader.api.ConsistencyReport;

/**
 * What became of the comparison on one node.
 *
 * @param node its name
 * @param report what it found, or null when it was not compared
 * @param reason why it was not compared, or null
 * @param took how long the answer took
 */
public record NodeConsistency(
    String node, @Nullable ConsistencyReport report, @Nullable String reason, Duration took) {
  /** A node that compared. */
  public static NodeConsistency of(String node, ConsistencyReport report, Duration took) {
    return new NodeConsistency(node, report, null, took);
  }

  /** A node that was not compared. */
  public static NodeConsistency not(String node, String reason, Duration took) {
    return new NodeConsistency(node, null, reason, took);
  }
}
