package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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

  /** All by default; {@code -Dplenum.cluster.faults=KILL_LEADER,KILL_BROKER} for some. */
  private static List<Fault> faults() {
    String names = System.getProperty("plenum.cluster.faults", "");
    return names.isBlank()
        ? List.of(Fault.values())
        : Arrays.stream(names.split(",", -1)).map(String::strip).map(Fault::valueOf).toList();
  }

  private enum Fault {
    KILL_LEADER,
    KILL_FOLLOWER,
    PAUSE_LEADER,
    KILL_BROKER,
    KILL_HAPROXY,
    KILL_PRIMARY
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
        again.await(
            "membership",
            frame ->
                frame.path("group").asText().equals(group)
                    && frame.path("change").asText().equals("removed"));
        at(one, grace).get("/groups/" + group + "/entries?limit=5&from=1").expect(404);
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
  void thePageShowsNodesLeaderAndReplicaToAdministrators() throws Exception {
    RestClient ada = person("ada");
    assertThat(person("grace").get("/cluster").status()).isEqualTo(403);
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              JsonNode seen = ada.get("/cluster").expect(200).body();
              assertThat(seen.path("well").asBoolean()).as(seen.toString()).isTrue();
            });
    for (String node : cluster.nodes()) {
      JsonNode seen = at(node, ada).get("/cluster").expect(200).body();
      assertThat(seen.path("node").asText()).isEqualTo(node);
      List<String> names = new ArrayList<>();
      List<String> leaders = new ArrayList<>();
      for (JsonNode each : seen.path("nodes")) {
        names.add(each.path("name").asText());
        if (each.path("writer").path("leader").asBoolean()) {
          leaders.add(each.path("name").asText());
          assertThat(each.path("writer").path("epoch").asLong()).isPositive();
        }
        assertThat(each.path("reader").path("behind").asLong()).isLessThan(100);
      }
      assertThat(names).containsExactlyInAnyOrderElementsOf(cluster.nodes());
      assertThat(leaders).containsExactly(cluster.leader());
      JsonNode replica = seen.path("database").path("replicas").path(0);
      assertThat(replica.path("state").asText()).as(seen.toString()).isEqualTo("streaming");
    }
    try (Chromium chromium = new Chromium()) {
      Page page = chromium.signedIn(cluster.page(), "ada");
      page.evaluate("location.hash = '#cluster'");
      for (String node : cluster.nodes()) {
        PlaywrightAssertions.assertThat(page.locator(".node-card h3").getByText(node)).isVisible();
      }
      PlaywrightAssertions.assertThat(page.locator(".verdict"))
          .containsText(cluster.leader() + " leads");
      for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
        for (int width : new int[] {1280, 360}) {
          page.setViewportSize(width, width == 360 ? 3400 : 1500);
          page.screenshot(
              new Page.ScreenshotOptions()
                  .setPath(
                      path("plenum.work", "target/work")
                          .resolve("cluster-page-" + scheme + "-" + width + ".png")));
        }
      }
    }
  }

  @Test
  @Order(6)
  void haproxySharesTenThousandRequestsEvenly() throws Exception {
    int clients = 8;
    int each = 1_250;
    Map<String, Long> before = cluster.requests();
    try (ExecutorService threads = Executors.newFixedThreadPool(clients)) {
      List<Future<?>> running = new ArrayList<>();
      for (int client = 0; client < clients; client++) {
        running.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < each; i++) {
                    cluster.anonymous().get("/about").expect(200);
                  }
                }));
      }
      for (Future<?> one : running) {
        one.get(2, TimeUnit.MINUTES);
      }
    }
    Map<String, Long> after = cluster.requests();
    double even = (double) clients * each / NODES;
    for (String node : cluster.nodes()) {
      long share = after.getOrDefault(node, 0L) - before.getOrDefault(node, 0L);
      System.out.println("ClusterIT: " + node + " had " + share + " of " + clients * each);
      assertThat((double) share).as(node).isBetween(0.95 * even, 1.05 * even);
    }
  }

  @Test
  @Order(7)
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
        for (Fault fault : faults()) {
          posters.awaitMore(50 + random.nextInt(150));
          posters.takeLongest();
          posters.takeFailures(true);
          posters.takeFailures(false);
          long start = System.nanoTime();
          inflict(fault, posters);
          say(round, fault, posters, millisSince(start));
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

  private static void say(int round, Fault fault, PersistentPosters posters, long millis) {
    List<String> rest = posters.takeFailures(false);
    System.out.printf(
        "ClusterIT: round %d %s: all posters on after %d ms, longest wait %d ms, sockets failed %d times,"
            + " REST %d times%n",
        round,
        fault,
        millis,
        posters.takeLongest().toMillis(),
        posters.takeFailures(true).size(),
        rest.size());
    rest.stream().limit(5).forEach(each -> System.out.println("ClusterIT:   REST: " + each));
    // Without HAProxy or database there is nobody to wait for longer than a request may take.
    if (fault != Fault.KILL_HAPROXY && fault != Fault.KILL_PRIMARY) {
      assertThat(rest).as("what callers over REST were answered instead, " + fault).isEmpty();
    }
  }

  private static long millisSince(long start) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
  }

  private static void inflict(Fault fault, PersistentPosters posters) {
    switch (fault) {
      case KILL_LEADER -> {
        String leader = cluster.leader();
        long start = System.nanoTime();
        ClusterServers.kill(cluster.node(leader));
        awaitOther(leader);
        System.out.println("ClusterIT: another node leads after " + millisSince(start) + " ms");
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
      case KILL_HAPROXY -> {
        ClusterServers.kill(cluster.haproxy());
        cluster.up();
        posters.awaitEachOneMore();
      }
    }
  }

  private static void awaitOther(String leader) {
    await()
        .atMost(FAILOVER)
        .pollInterval(Duration.ofMillis(50))
        .ignoreExceptions()
        .until(() -> !cluster.leader().equals(leader));
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
