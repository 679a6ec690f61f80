package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.plenum.testkit.ClusterServers;
import org.plenum.testkit.RestClient;

/**
 * A replica that commits do not wait for ({@code --replica async}): who asks for durability REPLICA
 * waits for it, at any node, and nobody else (GRP-9). What a promotion makes of it. A cluster of
 * its own, beside none other.
 */
@ResourceLock("cluster")
class ClusterReplicaIT {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @SuppressWarnings("NullAway.Init")
  private static ClusterServers cluster;

  private final List<String> taken = new ArrayList<>();
  private String group = "";

  @BeforeAll
  static void up() {
    cluster =
        ClusterServers.start(
            OnCluster.path("plenum.payara.home", "target/payara7"),
            OnCluster.path("plenum.project", ".."),
            OnCluster.path("plenum.work", "target/work"),
            ClusterServers.Options.shortLived(
                2, Map.of("plenum.accounts.hash-iterations", "5000"), "--replica", "async"));
  }

  @AfterAll
  static void down() {
    if (cluster != null) {
      cluster.close();
    }
  }

  private RestClient.Reply write(RestClient person, String text, UUID id, String durability) {
    RestClient.Reply reply =
        person.send(
            "POST",
            "/groups/" + group + "/messages",
            Map.of("text", text),
            Map.of("Idempotency-Key", id.toString(), "Plenum-Durability", durability));
    if (reply.status() == 201) {
      taken.add(text);
    }
    return reply;
  }

  private static double replicas(String node) {
    return Metrics.in(cluster.metrics(node), "database_replicas_connected");
  }

  private static String setting(String name) {
    try (Connection connection = cluster.database();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SHOW " + name)) {
      return row.next() ? row.getString(1) : "";
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void onlyWhoAsksForTheReplicaWaitsForIt() {
    RestClient ada = cluster.anonymous().signIn("ada", "demo-ada");
    group = Groups.create(ada, "PRIVATE");
    String leader = cluster.leader();
    String other = cluster.follower();
    assertThat(setting("synchronous_commit")).isEqualTo("local");
    for (String node : List.of(leader, other)) {
      RestClient at = OnCluster.at(cluster, node, ada);
      assertThat(write(at, "disk at " + node, UUID.randomUUID(), "DISK").status()).isEqualTo(201);
      RestClient.Reply reply = write(at, "replica at " + node, UUID.randomUUID(), "REPLICA");
      assertThat(reply.status()).as(reply.text()).isEqualTo(201);
      await().atMost(PATIENCE).until(() -> replicas(node) == 1);
      assertThat(Metrics.in(cluster.metrics(node), "database_replica_lag_bytes")).isNotNegative();
    }

    ClusterServers.kill(cluster.replica());
    RestClient at = OnCluster.at(cluster, other, ada);
    assertThat(write(at, "disk alone", UUID.randomUUID(), "DISK").status()).isEqualTo(201);
    // The first that asks may be the one that finds out.
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                write(at, "asked " + UUID.randomUUID(), UUID.randomUUID(), "REPLICA")
                    .code()
                    .equals("REPLICA_AWAY"));
    UUID id = UUID.randomUUID();
    RestClient.Reply refused = write(at, "later", id, "REPLICA");
    assertThat(refused.status()).as(refused.text()).isEqualTo(503);
    assertThat(refused.code()).isEqualTo("REPLICA_AWAY");
    assertThat(Groups.texts(Groups.history(at, group))).doesNotContain("later");
    for (String node : List.of(leader, other)) {
      await().atMost(PATIENCE).until(() -> replicas(node) == 0);
      assertThat(cluster.ready(node)).as("a replica is no reason: " + node).isTrue();
    }

    cluster.up();
    await().atMost(PATIENCE).until(() -> write(at, "later", id, "REPLICA").status() == 201);
    assertThat(taken).contains("later");
    for (String node : List.of(leader, other)) {
      RestClient reader = OnCluster.at(cluster, node, ada);
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(Groups.texts(Groups.history(reader, group)))
                      .containsSubsequence(taken));
    }

    cluster.replicaMode("sync");
    assertThat(setting("synchronous_commit")).isEqualTo("on");
    assertThat(write(at, "both", UUID.randomUUID(), "DISK").status()).isEqualTo(201);
  }

  /** The process of the replica that receives the log. */
  private static ProcessHandle receiver() {
    return cluster
        .replica()
        .children()
        .filter(
            child -> {
              try {
                return Files.readString(Path.of("/proc/" + child.pid() + "/cmdline"))
                    .contains("walreceiver");
              } catch (IOException e) {
                return false; // it has ended
              }
            })
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("the replica receives nothing"));
  }

  private static void awaitFollowing() {
    await().atMost(PATIENCE).until(() -> cluster.status().contains("follows, 0 bytes behind"));
  }

  private void awaitTaken(String text, RestClient person) {
    // The nodes look for the primary anew, so it is asked again under the same id.
    UUID id = UUID.randomUUID();
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> write(person, text, id, "DISK").status() == 201);
  }

  /** A primary that lives is not given up for a replica that lacks what was acknowledged. */
  @Test
  void aLivePrimaryIsReplacedOnlyByAReplicaThatHasEverything() {
    cluster.replicaMode("async");
    awaitFollowing();
    RestClient ada = cluster.anonymous().signIn("ada", "demo-ada");
    group = Groups.create(ada, "PRIVATE");
    ProcessHandle receiver = receiver();
    cluster.signal("STOP", receiver);
    try {
      for (int i = 0; i < 20; i++) {
        assertThat(write(ada, "not sent " + i, UUID.randomUUID(), "DISK").status()).isEqualTo(201);
      }
      assertThatThrownBy(() -> cluster.promote())
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("Nothing was changed")
          .hasMessageContaining("--force");
      awaitTaken("the primary serves again", ada);
    } finally {
      if (receiver.isAlive()) {
        cluster.signal("CONT", receiver);
      }
    }
    awaitFollowing();

    ProcessHandle old = cluster.primary();
    assertThat(write(ada, "just before", UUID.randomUUID(), "DISK").status()).isEqualTo(201);
    cluster.promote();
    assertThat(old.isAlive()).isFalse();
    awaitTaken("promoted", ada);
    for (String node : cluster.nodes()) {
      RestClient reader = OnCluster.at(cluster, node, ada);
      await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .untilAsserted(
              () ->
                  assertThat(Groups.texts(Groups.history(reader, group)))
                      .containsExactlyElementsOf(taken));
    }
    cluster.replicaMode("async");
    awaitFollowing();
  }

  /** Killed in the midst, it is done again, and nobody starts what it left. */
  @Test
  void aPromotionThatWasKilledIsRepeated() throws IOException {
    cluster.replicaMode("async");
    awaitFollowing();
    RestClient ada = cluster.anonymous().signIn("ada", "demo-ada");
    group = Groups.create(ada, "PRIVATE");
    assertThat(write(ada, "before", UUID.randomUUID(), "DISK").status()).isEqualTo(201);
    killPromotion();
    assertThatThrownBy(() -> cluster.up())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("a promotion was begun and not finished");

    cluster.promote();
    awaitTaken("after", ada);
    cluster.up();
    awaitFollowing();
    assertThat(Groups.texts(Groups.history(ada, group))).containsExactlyElementsOf(taken);
  }

  /** Kills the script when it has said that the old primary is fenced. */
  private static void killPromotion() throws IOException {
    Path clusters = cluster.folder();
    ProcessBuilder builder =
        new ProcessBuilder(
            OnCluster.path("plenum.project", "..").resolve("plenum").toString(),
            "cluster",
            "promote",
            "--port-base",
            clusters.getFileName().toString());
    builder.environment().put("PLENUM_HOME", clusters.resolve("../..").normalize().toString());
    builder.environment().put("PLENUM_JAVA_HOME", System.getProperty("java.home"));
    builder.redirectErrorStream(true);
    Process promotion = builder.start();
    List<String> said = new ArrayList<>();
    try (BufferedReader output = promotion.inputReader(StandardCharsets.UTF_8)) {
      String line;
      while ((line = output.readLine()) != null) {
        said.add(line);
        if (line.contains("Fenced the old primary")) {
          break;
        }
      }
    } finally {
      promotion.destroyForcibly();
      promotion.onExit().join();
    }
    assertThat(said).last().asString().contains("Fenced the old primary");
  }
}
