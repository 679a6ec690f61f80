package org.plenum.cluster;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.plenum.cluster.api.ClusterNode;
import org.plenum.cluster.api.ClusterNode.Presence;
import org.plenum.cluster.api.ClusterProblem;
import org.plenum.cluster.api.ClusterProblem.Kind;
import org.plenum.cluster.api.DatabaseStatus;
import org.plenum.cluster.api.DatabaseStatus.Replica;
import org.plenum.cluster.api.DatabaseStatus.Slot;
import org.plenum.cluster.api.Figure;
import org.plenum.cluster.api.NodeStatus;

/** What is wrong with a cluster, in plain words. Stateless and thread-safe. */
final class ClusterChecks {
  private static final String BUSINESS = "business";
  private static final long REPLICA_BYTES = 16L << 20;
  private static final double SLOW_MILLIS = 500;
  private static final double GC_SHARE = 0.2;

  private final ClusterMonitor.Self self;
  private final int lagWarning;
  private final boolean replicaExpected;

  /**
   * The board on which nodes find each other.
   *
   * @param present whether there is one
   * @param fault why it fails, else null
   */
  record Grid(boolean present, @Nullable String fault) {}

  ClusterChecks(ClusterMonitor.Self self, ClusterConfig config) {
    this.self = self;
    this.lagWarning = config.lagWarning();
    this.replicaExpected = config.replicaExpected();
  }

  /** Everything that is wrong, the worst first. */
  List<ClusterProblem> problems(
      List<ClusterNode> nodes, DatabaseStatus database, @Nullable Long letters, Grid grid) {
    List<ClusterProblem> found = new ArrayList<>();
    database(found, database);
    if (replicaExpected && nodes.size() > 1 && !replicated(database)) {
      add(found, Kind.NO_REPLICA, "", "The database has no replica.");
    }
    boolean all = !self.clustered() || (grid.present() && grid.fault() == null);
    if (!all) {
      add(
          found,
          Kind.GRID_AWAY,
          "",
          grid.fault() == null
              ? "The data grid is not used, so that this page shows " + self.name() + " alone."
              : "The data grid fails (" + grid.fault() + "), so that other nodes look silent.");
    }
    leaders(found, nodes, all);
    nodes.forEach(node -> node(found, node));
    versions(found, nodes);
    letters(found, nodes, letters);
    found.sort(
        Comparator.comparing((ClusterProblem problem) -> !problem.kind().bad())
            .thenComparing(ClusterProblem::kind)
            .thenComparing(ClusterProblem::subject));
    return found;
  }

  private static void add(List<ClusterProblem> found, Kind kind, String subject, String text) {
    found.add(new ClusterProblem(kind, subject, text));
  }

  private static void database(List<ClusterProblem> found, DatabaseStatus database) {
    Double millis = database.millis();
    if (millis == null) {
      add(found, Kind.DATABASE_AWAY, "", "The database does not answer: " + database.fault() + ".");
      return;
    }
    if (millis > SLOW_MILLIS) {
      add(
          found,
          Kind.DATABASE_SLOW,
          "",
          "The database took " + Math.round(millis) + " ms for an answer.");
    }
    if (database.replication().standby()) {
      add(found, Kind.DATABASE_STANDBY, "", "The database is a replica and takes no writes.");
    }
    for (Slot slot : database.replication().slots()) {
      if (!slot.connected()) {
        add(
            found,
            Kind.REPLICA_AWAY,
            slot.name(),
            "%s is not connected; %s of the log are kept for it."
                .formatted(
                    named(slot.name()),
                    Words.bytes(slot.keptBytes() == null ? 0 : slot.keptBytes())));
      }
    }
    for (Replica replica : database.replication().replicas()) {
      if (replica.lagBytes() != null && replica.lagBytes() > REPLICA_BYTES) {
        add(
            found,
            Kind.REPLICA_BEHIND,
            replica.name(),
            "%s is %s behind.".formatted(named(replica.name()), Words.bytes(replica.lagBytes())));
      }
    }
  }

  /** Whether it has a replica or a place for one, or needs none, or cannot be asked. */
  private static boolean replicated(DatabaseStatus database) {
    return !database.reachable()
        || !database.product().startsWith("PostgreSQL")
        || database.replication().standby()
        || !database.replication().slots().isEmpty()
        || !database.replication().replicas().isEmpty();
  }

  private static String named(String replica) {
    return replica.equals("replica") ? "The replica" : "The replica " + replica;
  }

  private static void leaders(List<ClusterProblem> found, List<ClusterNode> nodes, boolean all) {
    List<ClusterNode> leaders =
        here(nodes).filter(node -> node.status() != null && node.status().leads()).toList();
    if (leaders.isEmpty() && all) {
      add(found, Kind.NO_LEADER, "", "No node that is heard of leads: writes wait.");
    } else if (leaders.size() > 1) {
      add(
          found,
          Kind.SEVERAL_LEADERS,
          "",
          leaders.stream().map(ClusterNode::name).collect(Collectors.joining(" and "))
              + " both say that they lead.");
    }
    boolean shared =
        here(nodes)
            .anyMatch(
                node ->
                    node.status() != null
                        && node.status().figure(Figure.APPLIER_EPOCH) != null
                        && node.status().roles().contains("reader"));
    boolean applied =
        here(nodes).anyMatch(node -> node.status() != null && node.status().applies());
    if (shared && !applied && all) {
      add(found, Kind.NO_APPLIER, "", "No node keeps the cache of the room current.");
    }
  }

  private static Stream<ClusterNode> here(List<ClusterNode> nodes) {
    return nodes.stream().filter(ClusterNode::here);
  }

  private void node(List<ClusterProblem> found, ClusterNode node) {
    String name = node.name();
    if (node.presence() == Presence.SILENT) {
      add(
          found,
          Kind.NODE_SILENT,
          name,
          name + " has not been heard of for " + Words.time(node.age()) + ".");
      return;
    }
    NodeStatus status = node.status();
    if (!node.here() || status == null) {
      add(
          found,
          Kind.NODE_UNREADABLE,
          name,
          name + " says something that this version cannot read.");
      return;
    }
    List<String> reasons = reasons(status);
    if (!reasons.isEmpty()) {
      add(
          found,
          Kind.NODE_NOT_READY,
          name,
          name + " takes no requests: " + String.join("; ", reasons) + ".");
    }
    if (status.count(Figure.DATABASE_MILLIS) < 0 && !name.equals(self.name())) {
      add(found, Kind.DATABASE_AWAY, name, "The database does not answer " + name + ".");
    }
    if (status.count(Figure.TOPIC_AWAY) > 0) {
      add(found, Kind.BROKER_AWAY, name, "The broker takes no updates from " + name + ".");
    }
    if (status.count(Figure.REPORTS_FAILING) > 0) {
      add(found, Kind.REPORTS_REFUSED, name, name + " refuses reports: it cannot store them.");
    }
    if (status.count(Figure.BEHIND) > lagWarning) {
      add(
          found,
          Kind.NODE_BEHIND,
          name,
          name + " is " + Words.count(status.count(Figure.BEHIND), "update") + " behind.");
    }
    Double gc = status.figure(Figure.GC);
    if (gc != null && gc > GC_SHARE) {
      add(
          found,
          Kind.HEAP_TIGHT,
          name,
          name + " spends " + Math.round(gc * 100) + "% of its time in garbage collection.");
    }
  }

  /** A node that has not the role of a business node is not asked to take requests. */
  private static List<String> reasons(NodeStatus status) {
    if (status.ready()) {
      return List.of();
    }
    return status.roles().contains(BUSINESS)
        ? status.reasons()
        : status.reasons().stream().filter(each -> !each.startsWith(BUSINESS + ":")).toList();
  }

  private static void versions(List<ClusterProblem> found, List<ClusterNode> nodes) {
    TreeSet<String> versions = new TreeSet<>();
    here(nodes)
        .forEach(
            node -> {
              if (node.status() != null) {
                versions.add(node.status().version());
              }
            });
    if (versions.size() > 1) {
      add(
          found,
          Kind.MIXED_VERSIONS,
          "",
          "The nodes run the versions " + String.join(" and ", versions) + ".");
    }
  }

  private static void letters(
      List<ClusterProblem> found, List<ClusterNode> nodes, @Nullable Long letters) {
    long reports =
        here(nodes)
            .mapToLong(
                node -> node.status() == null ? 0 : node.status().count(Figure.REPORT_LETTERS))
            .sum();
    long waiting = (letters == null ? 0 : letters) + reports;
    if (waiting > 0) {
      add(
          found,
          Kind.DEAD_LETTERS,
          "",
          Words.count(waiting, "dead letter") + (waiting == 1 ? " waits." : " wait."));
    }
  }

  /** One sentence that says how it is. */
  String verdict(List<ClusterNode> nodes, List<ClusterProblem> problems) {
    if (problems.isEmpty()) {
      return nodes.size() == 1
          ? "All well: " + self.name() + " runs alone."
          : "All well: %s, %s, nobody lags."
              .formatted(Words.count(nodes.size(), "node"), leader(nodes));
    }
    ClusterProblem worst = problems.getFirst();
    String text = worst.text().substring(0, worst.text().length() - 1);
    String more =
        problems.size() == 1
            ? "."
            : ", and " + Words.count(problems.size() - 1, "more thing") + " to look at.";
    if (!worst.kind().bad()) {
      return "Everything serves; worth a look: " + text + more;
    }
    long serving =
        here(nodes)
            .filter(node -> node.status() != null && reasons(node.status()).isEmpty())
            .count();
    String lead =
        serving < nodes.size()
            ? serving + " of " + Words.count(nodes.size(), "node") + " well: "
            : "Trouble: ";
    return lead + text + more;
  }

  private static String leader(List<ClusterNode> nodes) {
    return here(nodes)
        .filter(node -> node.status() != null && node.status().leads())
        .findFirst()
        .map(node -> node.name() + " leads")
        .orElse("nobody leads");
  }
}
