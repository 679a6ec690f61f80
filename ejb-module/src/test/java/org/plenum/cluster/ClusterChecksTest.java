package org.plenum.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.plenum.cluster.ClusterChecks.Grid;
import org.plenum.cluster.ClusterMonitor.Self;
import org.plenum.cluster.api.ClusterNode;
import org.plenum.cluster.api.ClusterNode.Presence;
import org.plenum.cluster.api.ClusterProblem;
import org.plenum.cluster.api.ClusterProblem.Kind;
import org.plenum.cluster.api.DatabaseStatus;
import org.plenum.cluster.api.DatabaseStatus.Replica;
import org.plenum.cluster.api.DatabaseStatus.Replication;
import org.plenum.cluster.api.DatabaseStatus.Slot;
import org.plenum.cluster.api.Figure;
import org.plenum.cluster.api.NodeStatus;

/** What is said about a cluster, sentence by sentence. */
class ClusterChecksTest {
  private static final Grid GRID = new Grid(true, null);

  private final ClusterChecks checks =
      new ClusterChecks(new Self("node1", List.of("business"), "http://node1:1"), Statuses.CONFIG);
  private final NodeStatus leader = Statuses.node("node1", 1, true);
  private final NodeStatus other = Statuses.node("node2", 1, false);

  private String verdict(DatabaseStatus database, long letters, Grid grid, ClusterNode... nodes) {
    List<ClusterNode> all = List.of(nodes);
    return checks.verdict(all, checks.problems(all, database, letters, grid));
  }

  private String verdict(ClusterNode... nodes) {
    return verdict(Statuses.DATABASE, 0, GRID, nodes);
  }

  private List<Kind> kinds(ClusterNode... nodes) {
    return checks.problems(List.of(nodes), Statuses.DATABASE, 0L, GRID).stream()
        .map(ClusterProblem::kind)
        .toList();
  }

  @Test
  void allIsWell() {
    assertThat(verdict(Statuses.here(leader), Statuses.here(other)))
        .isEqualTo("All well: 2 nodes, node1 leads, nobody lags.");
    assertThat(verdict(Statuses.here(leader))).isEqualTo("All well: node1 runs alone.");
  }

  @Test
  void aSilentNodeIsNamedWithTheTime() {
    ClusterNode silent = new ClusterNode("node2", Presence.SILENT, Duration.ofSeconds(14), other);
    assertThat(verdict(Statuses.here(leader), silent))
        .isEqualTo("1 of 2 nodes well: node2 has not been heard of for 14 s.");
    assertThat(
            verdict(
                Statuses.here(leader),
                new ClusterNode("node2", Presence.SILENT, Duration.ofMinutes(5), null)))
        .contains("for 5 min.");
  }

  @Test
  void aSilentLeaderLeavesNobodyWhoLeads() {
    ClusterNode silent = new ClusterNode("node1", Presence.SILENT, Duration.ofSeconds(14), leader);
    assertThat(kinds(silent, Statuses.here(other)))
        .containsExactly(Kind.NO_LEADER, Kind.NODE_SILENT, Kind.NO_APPLIER);
  }

  @Test
  void aNodeThatIsNotReadySaysWhy() {
    NodeStatus away =
        new NodeStatus(
            "node2",
            "1.0.0",
            1,
            Statuses.START,
            other.roles(),
            false,
            List.of("database: away"),
            other.figures());
    assertThat(verdict(Statuses.here(leader), Statuses.here(away)))
        .isEqualTo("1 of 2 nodes well: node2 takes no requests: database: away.");
  }

  @Test
  void aNodeWithoutTheRoleIsNotExpectedToTakeRequests() {
    NodeStatus writerOnly =
        new NodeStatus(
            "node2",
            "1.0.0",
            1,
            Statuses.START,
            List.of("writer"),
            false,
            List.of("business: roles writer"),
            other.figures());
    assertThat(kinds(Statuses.here(leader), Statuses.here(writerOnly))).isEmpty();
  }

  @Test
  void figuresOverTheirBoundsAreSaid() {
    assertThat(
            kinds(Statuses.here(leader), Statuses.here(Statuses.with(other, Figure.BEHIND, 1_001))))
        .containsExactly(Kind.NODE_BEHIND);
    assertThat(
            kinds(Statuses.here(leader), Statuses.here(Statuses.with(other, Figure.BEHIND, 1_000))))
        .isEmpty();
    assertThat(kinds(Statuses.here(Statuses.with(leader, Figure.TOPIC_AWAY, 1))))
        .containsExactly(Kind.BROKER_AWAY);
    assertThat(kinds(Statuses.here(Statuses.with(leader, Figure.REPORTS_FAILING, 1))))
        .containsExactly(Kind.REPORTS_REFUSED);
    assertThat(kinds(Statuses.here(Statuses.with(leader, Figure.GC, 0.3))))
        .containsExactly(Kind.HEAP_TIGHT);
    assertThat(kinds(Statuses.here(Statuses.with(leader, Figure.REPORT_LETTERS, 2))))
        .containsExactly(Kind.DEAD_LETTERS);
    assertThat(
            kinds(
                Statuses.here(leader),
                Statuses.here(Statuses.with(other, Figure.DATABASE_MILLIS, -1))))
        .containsExactly(Kind.DATABASE_AWAY);
  }

  @Test
  void theDatabaseAndItsReplicasAreSaid() {
    ClusterNode node = Statuses.here(leader);
    assertThat(
            verdict(
                new DatabaseStatus("", null, "connection refused", Replication.NONE),
                0,
                GRID,
                node))
        .isEqualTo("Trouble: The database does not answer: connection refused.");
    assertThat(
            verdict(
                database(List.of(), List.of(new Slot("far-away", false, 3L << 20))), 0, GRID, node))
        .isEqualTo(
            "Trouble: The replica far-away is not connected; 3072 KiB of the log are kept for it.");
    assertThat(
            verdict(
                database(
                    List.of(new Replica("replica", "streaming", "async", 64L << 20, 1.0)),
                    List.of()),
                0,
                GRID,
                node))
        .isEqualTo("Everything serves; worth a look: The replica is 64 MiB behind.");
  }

  private static DatabaseStatus database(List<Replica> replicas, List<Slot> slots) {
    return new DatabaseStatus("", 1.0, null, new Replication(true, false, replicas, slots));
  }

  @Test
  void whatIsNotSeenIsNotCalledMissing() {
    NodeStatus follower = Statuses.node("node1", 1, false);
    assertThat(verdict(Statuses.DATABASE, 0, new Grid(false, null), Statuses.here(follower)))
        .isEqualTo(
            "Everything serves; worth a look: The data grid is not used, so that this page shows"
                + " node1 alone.");
    assertThat(verdict(Statuses.DATABASE, 0, new Grid(true, "timeout"), Statuses.here(follower)))
        .contains("The data grid fails (timeout)");
  }

  @Test
  void versionsAndLettersAreWorthALook() {
    NodeStatus newer =
        new NodeStatus(
            "node2",
            "1.1.0",
            1,
            Statuses.START,
            other.roles(),
            true,
            List.of(),
            Map.of(Figure.APPLIER_EPOCH, 0.0));
    assertThat(verdict(Statuses.DATABASE, 1, GRID, Statuses.here(leader), Statuses.here(newer)))
        .isEqualTo(
            "Everything serves; worth a look: The nodes run the versions 1.0.0 and 1.1.0, and 1 more"
                + " thing to look at.");
    assertThat(verdict(Statuses.DATABASE, 1, GRID, Statuses.here(leader)))
        .endsWith("1 dead letter waits.");
    assertThat(
            verdict(
                Statuses.here(leader), Statuses.here(Statuses.with(other, Figure.WRITER_EPOCH, 6))))
        .endsWith("node1 and node2 both say that they lead.");
    assertThat(
            verdict(
                Statuses.here(leader),
                new ClusterNode("node2", Presence.UNREADABLE, Duration.ZERO, null)))
        .endsWith("node2 says something that this version cannot read.");
  }

  @Test
  void severalNodesOnADatabaseWithoutAReplicaAreWorthALook() {
    DatabaseStatus alone = new DatabaseStatus("PostgreSQL 18.0", 0.4, null, Replication.NONE);
    assertThat(verdict(alone, 0, GRID, Statuses.here(leader), Statuses.here(other)))
        .isEqualTo("Everything serves; worth a look: The database has no replica.");
    assertThat(verdict(alone, 0, GRID, Statuses.here(leader))).startsWith("All well");
    DatabaseStatus embedded = new DatabaseStatus("H2 2.4", 0.4, null, Replication.NONE);
    assertThat(verdict(embedded, 0, GRID, Statuses.here(leader), Statuses.here(other)))
        .startsWith("All well");
  }
}
