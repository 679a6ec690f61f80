package org.plenum.cluster;

import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.config.Config;
import org.plenum.platform.config.ConfigKey;

/**
 * Bounds of what nodes know of each other.
 *
 * @param interval time between two statuses of a node
 * @param silentAfter a node not heard of for longer is silent
 * @param forgetAfter a node not heard of for longer is forgotten
 * @param lagWarning updates that a node may be behind before it is worth a warning
 * @param replicaExpected whether a database without a replica is worth a warning
 * @param consistencyLimit how long a node compares its caches with the database
 */
public record ClusterConfig(
    Duration interval,
    Duration silentAfter,
    Duration forgetAfter,
    int lagWarning,
    boolean replicaExpected,
    Duration consistencyLimit) {
  private static final ConfigKey<Duration> INTERVAL =
      ConfigKey.duration(
          "plenum.cluster.status-interval",
          "2s",
          "Time between two statuses that a node puts on the data grid for the others.");
  private static final ConfigKey<Duration> SILENT_AFTER =
      ConfigKey.duration(
          "plenum.cluster.silent-after",
          "10s",
          "A node not heard of for longer than this is shown as silent.");
  private static final ConfigKey<Duration> FORGET_AFTER =
      ConfigKey.duration(
          "plenum.cluster.forget-after",
          "10m",
          "A node not heard of for longer than this is not shown any more.");
  private static final ConfigKey<Integer> LAG_WARNING =
      ConfigKey.integer(
          "plenum.cluster.lag-warning",
          1_000,
          1,
          10_000_000,
          "Updates that a node may be behind the update log before the cluster page says so.");
  private static final ConfigKey<Boolean> REPLICA_EXPECTED =
      ConfigKey.flag(
          "plenum.cluster.replica-expected",
          true,
          "Whether the cluster page says so when several nodes work on a PostgreSQL that has no"
              + " replica. false where something unseen replicates it, a managed database for"
              + " example.");
  private static final ConfigKey<Duration> CONSISTENCY_LIMIT =
      ConfigKey.duration(
          "plenum.cluster.consistency-limit",
          "60s",
          "How long a node compares its caches with the database for a consistency report; a node"
              + " that has not answered 5 s later is named as not compared.");

  /** Every key. */
  public static final List<ConfigKey<?>> KEYS =
      List.of(
          INTERVAL, SILENT_AFTER, FORGET_AFTER, LAG_WARNING, REPLICA_EXPECTED, CONSISTENCY_LIMIT);

  /** The values in force. */
  public static ClusterConfig from(Config config) {
    return new ClusterConfig(
        INTERVAL.from(config),
        SILENT_AFTER.from(config),
        FORGET_AFTER.from(config),
        LAG_WARNING.from(config),
        REPLICA_EXPECTED.from(config),
        CONSISTENCY_LIMIT.from(config));
  }
}
