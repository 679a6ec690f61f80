package org.plenum.report.queue.jdbc;

import java.time.Duration;

/**
 * Settings of a queue in a database.
 *
 * @param queue names it: one database may have several, one for each node
 * @param owner the name of this node, for messages
 * @param lease for how long an owner that says nothing keeps the queue, by the clock of the
 *     database
 * @param sliceCount reports that are given up together, when all of them are of no use any more
 */
public record JdbcOptions(String queue, String owner, Duration lease, int sliceCount) {
  /** Refuses what the tables cannot hold. */
  public JdbcOptions {
    if (queue.isEmpty() || queue.length() > 100 || owner.length() > 200) {
      throw new IllegalArgumentException("queue has 1 to 100 characters, owner 200 at most");
    }
    if (lease.toMillis() < 1 || sliceCount < 1) {
      throw new IllegalArgumentException("lease and slice are positive");
    }
  }

  /** A lease of 10 seconds, slices of 4,096 reports. */
  public static JdbcOptions defaults(String queue, String owner) {
    return new JdbcOptions(queue, owner, Duration.ofSeconds(10), 4_096);
  }
}
