package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.plenum.testkit.ClusterServers;
import org.plenum.testkit.RestClient;

/**
 * People chat while each process in turn is killed, paused or cut off, and every acknowledgement is
 * compared with what is there: present exactly once, gapless, the same on every node and in the
 * database, one writer for each epoch. Rounds: {@code -Dplenum.cluster.rounds}; some faults only:
 * {@code -Dplenum.cluster.faults=KILL_LEADER,KILL_BROKER}; milliseconds between two messages of
 * each poster: {@code -Dplenum.cluster.pace}; seed: {@code -Dplenum.seed}.
 */
abstract class ClusterFaults extends OnCluster {
  /** Six posters write some 150 messages a second, and a node that starts has a processor. */
  static final Duration PACE = Duration.ofMillis(Integer.getInteger("plenum.cluster.pace", 30));

  private static final List<String> PEOPLE = List.of("ada", "grace", "alan");
  static final int ROUNDS = Integer.getInteger("plenum.cluster.rounds", 1);

  /** What a caller may wait while the lease runs out and is taken, and a bit for this machine. */
  static final Duration FAILOVER = Duration.ofSeconds(8);

  /** These, unless others are asked for. */
  static List<Fault> faults(Fault... otherwise) {
    String names = System.getProperty("plenum.cluster.faults", "");
    return names.isBlank()
        ? List.of(otherwise)
        : Arrays.stream(names.split(",", -1)).map(String::strip).map(Fault::valueOf).toList();
  }

  enum Fault {
    KILL_LEADER(false),
    KILL_FOLLOWER(false),
    KILL_APPLIER(false),
    PAUSE_LEADER(false),
    /** Packets between the leader and the databases vanish. */
    PARTITION_DATABASE(false),
    KILL_BROKER(false),
    KILL_HAPROXY(true),
    KILL_PRIMARY(true),
    KILL_REPLICA(true),
    /** The primary is killed for good. */
    PROMOTE(true);

    /** Without HAProxy or database there may be nobody for longer than a request waits. */
    private final boolean mayFailCallers;

    Fault(boolean mayFailCallers) {
      this.mayFailCallers = mayFailCallers;
    }
  }

  /** What is done to the cluster while people chat. */
  interface Doings {
    void run(PersistentPosters posters, Random random) throws Exception;
  }

  /** Each fault in turn, as often as there are rounds, and then all of the checks. */
  static void inflictAndCheck(List<Fault> faults) throws Exception {
    whilePeopleChat(
        (posters, random) -> {
          for (int round = 0; round < ROUNDS; round++) {
            for (Fault fault : faults) {
              if (fault == Fault.PARTITION_DATABASE && !cluster.canCut()) {
                System.out.println("ClusterFaults: no partition, since nft cannot be used here");
                continue;
              }
              posters.awaitMore(50 + random.nextInt(150));
              posters.takeLongest();
              posters.takeFailures(true);
              posters.takeFailures(false);
              long start = System.nanoTime();
              inflict(fault, posters);
              say(round, fault, posters, millisSince(start));
              startWhatWasKilled();
            }
          }
        });
  }

  static void startWhatWasKilled() {
    cluster.up();
    await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> cluster.nodes().stream().allMatch(cluster::ready));
  }

  /** Runs this while people chat, and compares afterwards what they were promised with what is. */
  static void whilePeopleChat(Doings doings) throws Exception {
    long seed = Long.getLong("plenum.seed", System.nanoTime());
    System.out.println("ClusterFaults: plenum.seed=" + seed + ", rounds=" + ROUNDS);
    List<RestClient> people = PEOPLE.stream().map(OnCluster::person).toList();
    String group =
        Groups.create(people.get(0), "PUBLIC", people.subList(1, 3).toArray(RestClient[]::new));
    try (PersistentPosters posters = new PersistentPosters(group, people, seed, PACE);
        Wanderers wanderers = wanderers(group, people, seed)) {
      posters.awaitMore(50);
      doings.run(posters, new Random(seed));
      check(group, people, posters, wanderers);
    }
  }

  /** Two clients that change node with each request. */
  static Wanderers wanderers(String group, List<RestClient> people, long seed) {
    return new Wanderers(group, people.subList(0, 2), cluster.nodes(), OnCluster::at, seed);
  }

  /** Ends all clients and compares what they saw with what is there, everywhere. */
  static void check(
      String group, List<RestClient> people, PersistentPosters posters, Wanderers wanderers)
      throws Exception {
    posters.awaitEachOneMore();
    posters.stop();
    wanderers.stopAndAssertThatNothingWentBack();
    System.out.println("ClusterFaults: " + posters.acknowledged() + " posts acknowledged");
    posters.assertAcknowledgedIsStored();
    everyNodeHas(group, people.getFirst(), posters.all());
    theDatabaseHas(group, posters.all());
    awaitEqualCaches(cluster, people.getFirst());
    oneWriterForEachEpoch();
  }

  private static void say(int round, Fault fault, PersistentPosters posters, long millis) {
    List<String> rest = posters.takeFailures(false);
    System.out.printf(
        "ClusterFaults: round %d %s: all posters on after %d ms, longest wait %d ms, sockets failed %d times,"
            + " REST %d times%n",
        round,
        fault,
        millis,
        posters.takeLongest().toMillis(),
        posters.takeFailures(true).size(),
        rest.size());
    rest.stream().limit(5).forEach(each -> System.out.println("ClusterFaults:   REST: " + each));
    if (!fault.mayFailCallers) {
      assertThat(rest).as("what callers over REST were answered instead, " + fault).isEmpty();
    }
  }

  static long millisSince(long start) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
  }

  private static void inflict(Fault fault, PersistentPosters posters) {
    switch (fault) {
      case KILL_LEADER -> {
        String leader = cluster.leader();
        long start = System.nanoTime();
        ClusterServers.kill(cluster.node(leader));
        awaitOther(leader);
        System.out.println("ClusterFaults: another node leads after " + millisSince(start) + " ms");
        posters.awaitEachOneMore();
        assertThat(Duration.ofNanos(System.nanoTime() - start))
            .isLessThan(FAILOVER.multipliedBy(2));
      }
      case KILL_APPLIER -> {
        String applier = cluster.applier();
        ClusterServers.kill(cluster.node(applier));
        posters.awaitEachOneMore();
        await()
            .atMost(FAILOVER.multipliedBy(2))
            .pollInterval(Duration.ofMillis(50))
            .ignoreExceptions()
            .until(() -> !cluster.applier().equals(applier));
      }
      case KILL_FOLLOWER -> {
        ClusterServers.kill(cluster.node(cluster.follower()));
        posters.awaitEachOneMore();
      }
      case PAUSE_LEADER -> {
        String leader = cluster.leader();
        ProcessHandle process = cluster.node(leader);
        cluster.signal("STOP", process);
        try {
          awaitOther(leader);
          posters.awaitMore(20);
        } finally {
          cluster.signal("CONT", process);
        }
        posters.awaitEachOneMore();
      }
      case KILL_BROKER -> {
        ClusterServers.kill(cluster.broker());
        posters.awaitEachOneMore();
        posters.awaitMore(50);
      }
      case KILL_PRIMARY -> {
        ClusterServers.kill(cluster.primary());
        cluster.up();
        posters.awaitEachOneMore();
        posters.awaitMore(50);
      }
      case KILL_REPLICA -> {
        // Commits wait for it, so callers do: what is acknowledged survives a promotion.
        ClusterServers.kill(cluster.replica());
        cluster.up();
        posters.awaitEachOneMore();
        posters.awaitMore(50);
      }
      case PROMOTE -> {
        ProcessHandle old = cluster.primary();
        ClusterServers.kill(old);
        cluster.promote();
        posters.awaitEachOneMore();
        posters.awaitMore(50);
        assertThat(cluster.primary().pid()).isNotEqualTo(old.pid());
      }
      case PARTITION_DATABASE -> {
        String leader = cluster.leader();
        long start = System.nanoTime();
        cluster.cutFromDatabase(leader);
        try {
          awaitOther(leader);
          System.out.println(
              "ClusterFaults: another node leads after " + millisSince(start) + " ms");
          posters.awaitEachOneMore();
          posters.awaitMore(50);
        } finally {
          cluster.heal();
        }
        posters.awaitEachOneMore();
      }
      case KILL_HAPROXY -> {
        ClusterServers.kill(cluster.haproxy());
        cluster.up();
        posters.awaitEachOneMore();
      }
    }
  }

  static void awaitOther(String leader) {
    await()
        .atMost(FAILOVER)
        .pollInterval(Duration.ofMillis(50))
        .ignoreExceptions()
        .until(() -> !cluster.leader().equals(leader));
  }

  static void everyNodeHas(
      String group, RestClient person, List<PersistentPoster.Acknowledged> acknowledged) {
    for (String node : cluster.nodes()) {
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () ->
                  assertThat(PersistentPosters.posted(Groups.history(at(node, person), group)))
                      .as(node)
                      .isEqualTo(acknowledged));
    }
  }

  static void theDatabaseHas(String group, List<PersistentPoster.Acknowledged> acknowledged)
      throws Exception {
    List<UUID> ids = new ArrayList<>();
    List<Long> seqs = new ArrayList<>();
    try (Connection connection = cluster.database();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT seq, client_id FROM timeline_entry WHERE group_id = '"
                    + group
                    + "' AND kind = (SELECT kind FROM timeline_entry WHERE group_id = '"
                    + group
                    + "' AND seq = (SELECT max(seq) FROM timeline_entry WHERE group_id = '"
                    + group
                    + "')) ORDER BY seq")) {
      while (rows.next()) {
        seqs.add(rows.getLong(1));
        ids.add(rows.getObject(2, UUID.class));
      }
    }
    assertThat(ids)
        .isEqualTo(acknowledged.stream().map(PersistentPoster.Acknowledged::clientId).toList());
    assertThat(seqs)
        .isEqualTo(acknowledged.stream().map(PersistentPoster.Acknowledged::seq).toList());
  }

  /** Revisions without gaps, epochs that never go back: two writers never wrote at once. */
  static void oneWriterForEachEpoch() throws Exception {
    try (Connection connection = cluster.database();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT count(*) FILTER (WHERE epoch < before), max(revision) - min(revision) + 1 - count(*),"
                    + " count(DISTINCT epoch) FROM (SELECT revision, epoch, lag(epoch) OVER (ORDER BY revision)"
                    + " AS before FROM update_log) AS log")) {
      assertThat(row.next()).isTrue();
      assertThat(row.getLong(1)).as("epochs that go back").isZero();
      assertThat(row.getLong(2)).as("missing revisions").isZero();
      System.out.println("ClusterFaults: " + row.getLong(3) + " epochs wrote");
    }
  }
}
