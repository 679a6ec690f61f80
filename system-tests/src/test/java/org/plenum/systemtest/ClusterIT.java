package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.plenum.testkit.ChatSocket;
import org.plenum.testkit.ClusterServers;
import org.plenum.testkit.RestClient;

/**
 * Two nodes in a deployment group, a broker, PostgreSQL with a replica, HAProxy in front: people
 * chat while each process in turn is killed or paused, and every acknowledgement is compared with
 * what is there. Rounds: {@code -Dplenum.cluster.rounds}; nodes: {@code -Dplenum.cluster.nodes};
 * seed: {@code -Dplenum.seed}.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterIT {
  private static final List<String> PEOPLE = List.of("ada", "grace", "alan");
  private static final int ROUNDS = Integer.getInteger("plenum.cluster.rounds", 1);
  private static final int NODES = Integer.getInteger("plenum.cluster.nodes", 2);

  /** What a caller may wait while the lease runs out and is taken, and a bit for this machine. */
  private static final Duration FAILOVER = Duration.ofSeconds(8);

  private static ClusterServers cluster;

  private enum Fault {
    KILL_LEADER,
    KILL_FOLLOWER,
    PAUSE_LEADER,
    KILL_BROKER,
    KILL_HAPROXY
  }

  @BeforeAll
  static void up() {
    cluster =
        ClusterServers.start(
            path("plenum.payara.home", "target/payara7"),
            path("plenum.project", ".."),
            path("plenum.work", "target/work"),
            NODES,
            Map.of(
                "plenum.limits.writes-per-second", "500",
                "plenum.limits.write-burst", "1000",
                "plenum.limits.reads-per-second", "1000",
                "plenum.limits.read-burst", "2000",
                "plenum.limits.sign-ins-per-minute", "0",
                "plenum.limits.sign-ins-per-minute-and-address", "0",
                "plenum.accounts.hash-iterations", "5000",
                "plenum.push.heartbeat", "2s"));
  }

  @AfterAll
  static void down() {
    if (cluster != null) {
      cluster.close();
    }
  }

  private static Path path(String name, String otherwise) {
    return Path.of(System.getProperty(name, otherwise)).toAbsolutePath().normalize();
  }

  private static RestClient person(String name) {
    return cluster.anonymous().signIn(name, "demo-" + name);
  }

  private static RestClient at(String node, RestClient person) {
    return cluster.anonymous(node).withToken(Optional.ofNullable(person.token()).orElseThrow());
  }

  @Test
  @Order(1)
  void aTokenOfOneNodeIsGoodOnEveryOther() {
    RestClient ada = cluster.anonymous("node1").signIn("ada", "demo-ada");
    for (String node : cluster.nodes()) {
      at(node, ada).get("/groups").expect(200);
    }
  }

  @Test
  @Order(2)
  void whoChangesNodeWithEachRequestNeverGoesBackAndSeesItsOwnWrites() {
    RestClient ada = person("ada");
    String group = Groups.create(ada, "PRIVATE");
    String position = "0";
    long last = 0;
    for (int i = 0; i < 60; i++) {
      String writing = cluster.nodes().get(i % NODES);
      String reading = cluster.nodes().get((i + 1) % NODES);
      RestClient.Reply posted =
          at(writing, ada)
              .post("/groups/" + group + "/messages", Map.of("text", "n" + i))
              .expect(201);
      position = posted.headers().firstValue("Plenum-Position").orElseThrow();
      long seq = posted.body().path("seq").asLong();
      RestClient.Reply read =
          at(reading, ada)
              .send(
                  "GET",
                  "/groups/" + group + "/entries?limit=5&from=" + seq,
                  null,
                  Map.of("Plenum-Position", position))
              .expect(200);
      List<Long> seqs = new ArrayList<>();
      read.body().path("entries").forEach(entry -> seqs.add(entry.path("seq").asLong()));
      assertThat(seqs).as("read on " + reading + " after the write on " + writing).contains(seq);
      long applied = Long.parseLong(read.headers().firstValue("Plenum-Position").orElseThrow());
      assertThat(applied).isGreaterThanOrEqualTo(Long.parseLong(position));
      assertThat(applied).as("position of two reads in a row").isGreaterThanOrEqualTo(last);
      last = applied;
    }
  }

  @Test
  @Order(3)
  void socketsOfEveryNodeHearWhatIsSaidTypedAndEndedOnAnyOther() throws Exception {
    RestClient ada = person("ada");
    RestClient grace = person("grace");
    String group = Groups.create(ada, "PRIVATE", grace);
    String one = cluster.nodes().getFirst();
    String two = cluster.nodes().getLast();
    try (ChatSocket hers = ChatSocket.open(at(one, ada));
        ChatSocket theirs = ChatSocket.open(at(two, grace))) {
      JsonNode ack = hers.post(group, "hello").get(15, TimeUnit.SECONDS);
      assertThat(ack.path("type").asText()).as(ack.toString()).isEqualTo("ack");
      theirs.awaitEntry(group, entry -> entry.path("text").asText().equals("hello"));

      await()
          .atMost(Duration.ofSeconds(20))
          .pollInterval(Duration.ofSeconds(4))
          .until(
              () -> {
                hers.send(Map.of("type", "typing", "group", group));
                return theirs
                    .await(
                        "typing", frame -> frame.toString().contains(group), Duration.ofSeconds(3))
                    .isPresent();
              });

      // A third of the sequence is seen on one node, the rest on another.
      long seen = ack.path("seq").asLong();
      theirs.abort();
      for (int i = 0; i < 20; i++) {
        Groups.post(at(two, ada), group, "meanwhile " + i);
      }
      try (ChatSocket again = ChatSocket.open(at(one, grace), Map.of(group, seen))) {
        again.awaitEntry(group, entry -> entry.path("text").asText().equals("meanwhile 19"));
        assertThat(Groups.seqs(again.entries(group)))
            .isEqualTo(LongStream.rangeClosed(seen + 1, seen + 20).boxed().toList());
        at(two, ada)
            .post("/groups/" + group + "/members/" + grace.id() + "/remove", Map.of())
            .expect(200);
        Groups.post(at(two, ada), group, "not for grace");
        again.awaitEntry(group, entry -> entry.path("kind").asText().equals("member.removed"));
        at(one, grace).get("/groups/" + group + "/entries?limit=5&from=1").expect(403);
        assertThat(Groups.texts(again.entries(group))).doesNotContain("not for grace");
      }
    }
  }

  @Test
  @Order(4)
  void theWayBetweenNodesIsClosedToAllOthers() {
    for (String node : cluster.nodes()) {
      assertThat(cluster.postTo(node, "/plenum/internal/v1/commands")).isEqualTo(403);
    }
    assertThat(cluster.postToHaproxy("/plenum/internal/v1/commands")).isEqualTo(404);
  }

  @Test
  @Order(5)
  void whateverDiesNothingAcknowledgedIsLostAndCallersSeeAPause() throws Exception {
    long seed = Long.getLong("plenum.seed", System.nanoTime());
    System.out.println("ClusterIT: plenum.seed=" + seed + ", rounds=" + ROUNDS);
    Random random = new Random(seed);
    List<RestClient> people = PEOPLE.stream().map(ClusterIT::person).toList();
    String group =
        Groups.create(people.get(0), "PUBLIC", people.subList(1, 3).toArray(RestClient[]::new));
    try (PersistentPosters posters = new PersistentPosters(group, people, seed)) {
      posters.awaitMore(50);
      for (int round = 0; round < ROUNDS; round++) {
        for (Fault fault : Fault.values()) {
          posters.awaitMore(50 + random.nextInt(150));
          long start = System.nanoTime();
          inflict(fault, posters);
          System.out.printf(
              "ClusterIT: round %d %s, all posters on after %d ms%n",
              round, fault, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
          cluster.up();
          await()
              .atMost(Duration.ofMinutes(2))
              .until(() -> cluster.nodes().stream().allMatch(cluster::ready));
        }
      }
      posters.awaitEachOneMore();
      posters.stop();
      System.out.println("ClusterIT: " + posters.acknowledged() + " posts acknowledged");
      posters.assertAcknowledgedIsStored();
      everyNodeHas(group, people.getFirst(), posters.all());
      theDatabaseHas(group, posters.all());
    }
    for (String node : cluster.nodes()) {
      RestClient.Reply report =
          at(node, people.getFirst()).get("/consistency?sample=1000").expect(200);
      assertThat(report.body().path("differences")).as(node + ": " + report.text()).isEmpty();
    }
    oneWriterForEachEpoch();
  }

  private static void inflict(Fault fault, PersistentPosters posters) {
    switch (fault) {
      case KILL_LEADER -> {
        ClusterServers.kill(cluster.node(cluster.leader()));
        long start = System.nanoTime();
        posters.awaitEachOneMore();
        assertThat(Duration.ofNanos(System.nanoTime() - start))
            .isLessThan(FAILOVER.multipliedBy(2));
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
          await().atMost(FAILOVER).ignoreExceptions().until(() -> !cluster.leader().equals(leader));
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
      case KILL_HAPROXY -> {
        ClusterServers.kill(cluster.haproxy());
        cluster.up();
        posters.awaitEachOneMore();
      }
    }
  }

  private static void everyNodeHas(
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

  private static void theDatabaseHas(String group, List<PersistentPoster.Acknowledged> acknowledged)
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
  private static void oneWriterForEachEpoch() throws Exception {
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
      System.out.println("ClusterIT: " + row.getLong(3) + " epochs wrote");
    }
  }
}
