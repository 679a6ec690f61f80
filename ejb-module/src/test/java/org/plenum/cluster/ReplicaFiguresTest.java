package org.plenum.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.plenum.cluster.api.DatabaseStatus.Replica;
import org.plenum.cluster.api.DatabaseStatus.Replication;
import org.plenum.cluster.api.DatabaseStatus.Slot;
import org.plenum.platform.metrics.Meters;
import org.plenum.platform.metrics.SilentMeters;

/** What metrics and health say of the database's replicas. */
class ReplicaFiguresTest {
  private final AtomicReference<Replication> replication = new AtomicReference<>(Replication.NONE);
  private final Map<String, DoubleSupplier> gauges = new HashMap<>();

  @BeforeEach
  void register() {
    Meters silent = new SilentMeters();
    ReplicaFigures.register(
        new Meters() {
          @Override
          public Counter counter(String name, String doc) {
            return silent.counter(name, doc);
          }

          @Override
          public void gauge(String name, String doc, DoubleSupplier value) {
            gauges.put(name, value);
          }

          @Override
          public Summary summary(String name, String doc) {
            return silent.summary(name, doc);
          }
        },
        replication::get);
  }

  private double value(String name) {
    return gauges.get(name).getAsDouble();
  }

  @Test
  void withoutAReplicaNoLagIsKnown() {
    assertThat(value("database_replicas_connected")).isZero();
    assertThat(value("database_replicas_away")).isZero();
    assertThat(value("database_replica_lag_bytes")).isEqualTo(-1);
    assertThat(value("database_replica_lag_millis")).isEqualTo(-1);
    assertThat(ReplicaFigures.facts(Replication.NONE)).isEmpty();
  }

  @Test
  void theReplicaBehindMostCounts() {
    replication.set(
        new Replication(
            true,
            false,
            List.of(
                new Replica("near", "streaming", "sync", 10L, 250.0),
                new Replica("far", "streaming", "async", 4_096L, 12.0)),
            List.of(new Slot("near", true, 0L), new Slot("gone", false, 77L))));
    assertThat(value("database_replicas_connected")).isEqualTo(2);
    assertThat(value("database_replicas_away")).isEqualTo(1);
    assertThat(value("database_replica_lag_bytes")).isEqualTo(4_096);
    assertThat(value("database_replica_lag_millis")).isEqualTo(250);
    assertThat(ReplicaFigures.facts(replication.get()))
        .containsExactly(
            Map.entry("far", "streaming, async, 4096 bytes behind"),
            Map.entry("gone", "not connected"),
            Map.entry("near", "streaming, sync, 10 bytes behind"));
  }

  @Test
  void aReplicaThatIsIdleIsNotLate() {
    replication.set(
        new Replication(
            true,
            false,
            List.of(new Replica("replica", "streaming", "on request", 0L, null)),
            List.of()));
    assertThat(value("database_replica_lag_millis")).isZero();
  }

  @Test
  void whatMayNotBeSeenIsNotKnown() {
    replication.set(
        new Replication(
            false, false, List.of(new Replica("replica", null, null, null, null)), List.of()));
    assertThat(value("database_replica_lag_bytes")).isEqualTo(-1);
    assertThat(value("database_replica_lag_millis")).isEqualTo(-1);
    assertThat(ReplicaFigures.facts(replication.get()))
        .containsExactly(Map.entry("replica", "not visible, not visible, lag not visible"));
  }
}
