package org.plenum.web.cluster;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plenum.cluster.api.ClusterNode;
import org.plenum.cluster.api.ClusterProblem;
import org.plenum.cluster.api.ClusterView;
import org.plenum.cluster.api.DatabaseStatus;
import org.plenum.cluster.api.Figure;
import org.plenum.cluster.api.NodeStatus;
import org.plenum.web.api.Times;

/**
 * The cluster as one node sees it. What is not known is null.
 *
 * @param node that answers
 * @param verdict one sentence
 * @param well whether there is nothing to look at
 * @param problems the worst first
 * @param head last revision of the update log
 * @param deadLetters commands of legacy systems that wait for an administrator
 */
public record ClusterResponse(
    String node,
    String at,
    String verdict,
    boolean well,
    List<Trouble> problems,
    List<Node> nodes,
    Database database,
    @Nullable Long head,
    @Nullable Long deadLetters) {
  /**
   * Something to look at.
   *
   * @param bad whether people notice, or would at the next fault
   * @param subject the node or replica that has it, empty for the cluster
   * @param advice what to do
   */
  public record Trouble(String kind, boolean bad, String subject, String text, String advice) {
    static Trouble of(ClusterProblem problem) {
      return new Trouble(
          problem.kind().name(),
          problem.kind().bad(),
          problem.subject(),
          problem.text(),
          problem.kind().advice());
    }
  }

  /**
   * A node.
   *
   * @param state HERE, SILENT or UNREADABLE
   * @param lastSeen by the clock of the node that answers
   */
  public record Node(
      String name,
      String state,
      String lastSeen,
      double silentSeconds,
      @Nullable String version,
      @Nullable String startedAt,
      List<String> roles,
      @Nullable Boolean ready,
      List<String> reasons,
      @Nullable Writer writer,
      @Nullable Reader reader,
      @Nullable Push push,
      @Nullable Topic topic,
      @Nullable Reports reports,
      @Nullable Backups backups,
      @Nullable NodeProcess process,
      @Nullable Double databaseMillis) {
    private static final double MILLIS = 1_000;

    static Node of(ClusterNode node, Instant now) {
      NodeStatus status = node.status();
      Duration age = node.age();
      String seen = Times.text(now.minus(age));
      double seconds = age.toMillis() / MILLIS;
      String state = node.presence().name();
      if (status == null) {
        return new Node(
            node.name(),
            state,
            seen,
            seconds,
            null,
            null,
            List.of(),
            null,
            List.of(),
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null);
      }
      Double database = status.figure(Figure.DATABASE_MILLIS);
      return new Node(
          node.name(),
          state,
          seen,
          seconds,
          status.version(),
          Times.text(status.startedAt()),
          status.roles(),
          status.ready(),
          status.reasons(),
          Writer.of(status),
          Reader.of(status),
          Push.of(status),
          Topic.of(status),
          Reports.of(status),
          Backups.of(status),
          NodeProcess.of(status),
          database == null || database < 0 ? null : database);
    }
  }

  /**
   * Writing.
   *
   * @param epoch under which it leads, 0 when it does not
   * @param queue commands that wait for this node's writer
   * @param waiting commands that wait for another node's writer
   * @param postsPerSecond updates (posts and all else) that this node committed as the leader
   * @param forwardedPerSecond commands that another node carried out for this one
   */
  public record Writer(
      boolean leader,
      @Nullable Long epoch,
      @Nullable Long queue,
      @Nullable Long waiting,
      @Nullable Double postsPerSecond,
      @Nullable Double commitsPerSecond,
      @Nullable Double forwardedPerSecond) {
    static Writer of(NodeStatus status) {
      return new Writer(
          status.leads(),
          status.whole(Figure.WRITER_EPOCH),
          status.whole(Figure.QUEUE),
          status.whole(Figure.WAITING),
          status.figure(Figure.WRITES),
          status.figure(Figure.COMMITS),
          status.figure(Figure.FORWARDED));
    }
  }

  /**
   * Reading.
   *
   * @param epoch under which it writes the cache of the room, 0 when it does not
   * @param applied revision that reads on this node contain
   * @param behind updates that it is behind the update log
   * @param roomRevision that the cache of the room has reached, said by its applier
   * @param snapshotAgeSeconds null when there is none
   */
  public record Reader(
      boolean applier,
      @Nullable Long epoch,
      @Nullable Long applied,
      @Nullable Long behind,
      @Nullable Long lagMillis,
      @Nullable Long roomRevision,
      @Nullable Long roomLag,
      @Nullable Long snapshotAgeSeconds,
      @Nullable Long nearCacheBytes) {
    static Reader of(NodeStatus status) {
      Long snapshot = status.whole(Figure.SNAPSHOT_AGE);
      boolean applies = status.applies();
      return new Reader(
          applies,
          status.whole(Figure.APPLIER_EPOCH),
          status.whole(Figure.APPLIED),
          status.whole(Figure.BEHIND),
          status.whole(Figure.LAG_MILLIS),
          applies ? status.whole(Figure.ROOM_REVISION) : null,
          applies ? status.whole(Figure.ROOM_LAG) : null,
          snapshot == null || snapshot < 0 ? null : snapshot,
          status.whole(Figure.NEAR_BYTES));
    }
  }

  /**
   * Push to sockets.
   *
   * @param backlog updates that wait for fan-out
   */
  public record Push(
      @Nullable Long sockets, @Nullable Double deliveriesPerSecond, @Nullable Long backlog) {
    static Push of(NodeStatus status) {
      return new Push(
          status.whole(Figure.SOCKETS),
          status.figure(Figure.DELIVERIES),
          status.whole(Figure.PUSH_BACKLOG));
    }
  }

  /**
   * The update topic on the broker.
   *
   * @param state WORKS, AWAY (it did not take what was sent last) or OFF
   * @param waiting updates that wait for it
   * @param catchUpsPerSecond reads of the log that found what the topic did not bring
   */
  public record Topic(
      String state,
      @Nullable Long waiting,
      @Nullable Double sentPerSecond,
      @Nullable Double receivedPerSecond,
      @Nullable Double catchUpsPerSecond) {
    static Topic of(NodeStatus status) {
      Double away = status.figure(Figure.TOPIC_AWAY);
      return new Topic(
          away == null ? "OFF" : away > 0 ? "AWAY" : "WORKS",
          status.whole(Figure.TOPIC_WAITING),
          status.figure(Figure.TOPIC_SENT),
          status.figure(Figure.TOPIC_RECEIVED),
          status.figure(Figure.CATCH_UPS));
    }
  }

  /**
   * The queue of reports.
   *
   * @param waiting reports that are not durable yet
   * @param lag durable reports that the slowest consumer group is not done with
   */
  public record Reports(
      long waiting,
      @Nullable Long lag,
      @Nullable Double perSecond,
      @Nullable Long deadLetters,
      boolean refusing) {
    static @Nullable Reports of(NodeStatus status) {
      Long waiting = status.whole(Figure.REPORTS_WAITING);
      return waiting == null
          ? null
          : new Reports(
              waiting,
              status.whole(Figure.REPORTS_LAG),
              status.figure(Figure.REPORTS),
              status.whole(Figure.REPORT_LETTERS),
              status.count(Figure.REPORTS_FAILING) > 0);
    }
  }

  /**
   * The backups in the node's folder.
   *
   * @param newestAgeSeconds null when there is none
   * @param failed whether the last one that the node was asked for failed
   */
  public record Backups(@Nullable Long newestAgeSeconds, boolean failed) {
    static @Nullable Backups of(NodeStatus status) {
      Long age = status.whole(Figure.BACKUP_AGE);
      return age == null
          ? null
          : new Backups(age < 0 ? null : age, status.count(Figure.BACKUP_FAILED) > 0);
    }
  }

  /**
   * The process.
   *
   * @param cpu share of the host's processors, 0 to 1
   * @param gc share of time in which garbage collection held it up, 0 to 1
   */
  public record NodeProcess(
      @Nullable Double cpu,
      @Nullable Double gc,
      @Nullable Long heapUsed,
      @Nullable Long heapMax,
      @Nullable Long threads) {
    static NodeProcess of(NodeStatus status) {
      return new NodeProcess(
          status.figure(Figure.CPU),
          status.figure(Figure.GC),
          status.whole(Figure.HEAP_USED),
          status.whole(Figure.HEAP_MAX),
          status.whole(Figure.THREADS));
    }
  }

  /**
   * The database.
   *
   * @param millis of an answer, null when there is none
   * @param fault why there is none
   * @param replicationVisible false where the details need the role pg_read_all_stats
   * @param standby whether it is a replica itself
   */
  public record Database(
      String product,
      boolean reachable,
      @Nullable Double millis,
      @Nullable String fault,
      boolean replicationVisible,
      boolean standby,
      List<Replica> replicas,
      List<Slot> slots) {
    static Database of(DatabaseStatus status) {
      DatabaseStatus.Replication replication = status.replication();
      return new Database(
          status.product(),
          status.reachable(),
          status.millis(),
          status.fault(),
          replication.visible(),
          replication.standby(),
          replication.replicas().stream()
              .map(
                  each ->
                      new Replica(
                          each.name(),
                          each.state(),
                          each.sync(),
                          each.lagBytes(),
                          each.lagMillis()))
              .toList(),
          replication.slots().stream()
              .map(each -> new Slot(each.name(), each.connected(), each.keptBytes()))
              .toList());
    }
  }

  /** A connected replica. */
  public record Replica(
      String name,
      @Nullable String state,
      @Nullable String sync,
      @Nullable Long lagBytes,
      @Nullable Double lagMillis) {}

  /** A place kept for a replica, and what of the log is kept for it. */
  public record Slot(String name, boolean connected, @Nullable Long keptBytes) {}

  static ClusterResponse of(ClusterView view) {
    return new ClusterResponse(
        view.answeredBy(),
        Times.text(view.at()),
        view.verdict(),
        view.problems().isEmpty(),
        view.problems().stream().map(Trouble::of).toList(),
        view.nodes().stream().map(node -> Node.of(node, view.at())).toList(),
        Database.of(view.database()),
        view.head(),
        view.deadLetters());
  }
}
