package org.plenum.cluster;

import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.plenum.cluster.api.DatabaseStatus.Replica;
import org.plenum.cluster.api.DatabaseStatus.Replication;
import org.plenum.cluster.api.DatabaseStatus.Slot;
import org.plenum.platform.metrics.Meters;

/**
 * The lag of the database's replicas in numbers and in words (GRP-9), from what a node looks at
 * anyhow. Stateless and thread-safe.
 */
final class ReplicaFigures {
  /**
   * What a gauge says of something that is not known: no replica, no right to see it, no answer.
   */
  static final double UNKNOWN = -1;

  private ReplicaFigures() {}

  /** Registers the gauges. */
  static void register(Meters meters, Supplier<Replication> replication) {
    meters.gauge(
        "database_replicas_connected",
        "Replicas that the database sends its log to",
        () -> replication.get().replicas().size());
    meters.gauge(
        "database_replicas_away",
        "Replicas that the database keeps its log for and that are not connected",
        () -> replication.get().slots().stream().filter(slot -> !slot.connected()).count());
    meters.gauge(
        "database_replica_lag_bytes",
        "Log that the replica behind most has not replayed, -1 while that is not known",
        () -> most(replication.get(), Replica::lagBytes));
    meters.gauge(
        "database_replica_lag_millis",
        "Time until the slowest replica replayed what it got last, 0 when idle, -1 while that is"
            + " not known",
        () -> most(replication.get(), ReplicaFigures::millis));
  }

  private static double most(Replication replication, Function<Replica, @Nullable Number> figure) {
    return replication.replicas().stream()
        .map(figure)
        .filter(Objects::nonNull)
        .map(Number::doubleValue)
        .max(Comparator.naturalOrder())
        .orElse(UNKNOWN);
  }

  /** A replica that has replayed all has nothing to take time for. */
  private static @Nullable Number millis(Replica replica) {
    Double millis = replica.lagMillis();
    if (millis != null) {
      return millis;
    }
    return replica.lagBytes() == null ? null : (Number) 0.0;
  }

  /** For each replica, by its name, how it is. */
  static Map<String, String> facts(Replication replication) {
    Map<String, String> facts = new TreeMap<>();
    for (Slot slot : replication.slots()) {
      if (!slot.connected()) {
        facts.put(slot.name(), "not connected");
      }
    }
    for (Replica replica : replication.replicas()) {
      Long bytes = replica.lagBytes();
      facts.put(
          replica.name(),
          "%s, %s, %s"
              .formatted(
                  Objects.requireNonNullElse(replica.state(), "not visible"),
                  Objects.requireNonNullElse(replica.sync(), "not visible"),
                  bytes == null ? "lag not visible" : bytes + " bytes behind"));
    }
    return facts;
  }
}
