package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.plenum.testkit.ClusterServers;
import org.plenum.testkit.RestClient;

/**
 * Business node, writer and reader as three separate instances, each killed and started again alone
 * while people chat (GRP-10). A cluster of its own, beside none other.
 */
@ResourceLock("cluster")
class ClusterRolesIT {
  private static final String BUSINESS = "node1";
  private static final String WRITER = "node2";
  private static final String READER = "node3";
  private static final List<String> PEOPLE = List.of("ada", "grace", "alan");

  @SuppressWarnings("NullAway.Init")
  private static ClusterServers cluster;

  @BeforeAll
  static void up() {
    cluster =
        ClusterServers.start(
            path("plenum.payara.home", "target/payara7"),
            path("plenum.project", ".."),
            path("plenum.work", "target/work"),
            ClusterServers.Options.shortLived(
                3,
                Map.of(
                    "plenum.limits.writes-per-second", "500",
                    "plenum.limits.write-burst", "1000",
                    "plenum.limits.sign-ins-per-minute", "0",
                    "plenum.limits.sign-ins-per-minute-and-address", "0",
                    "plenum.accounts.hash-iterations", "5000",
                    "plenum.push.heartbeat", "2s"),
                "--roles",
                "business/writer/reader"));
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

  @Test
  void eachPartDoesItsOwnAndIsStartedAgainAlone() throws Exception {
    long seed = Long.getLong("plenum.seed", System.nanoTime());
    System.out.println("ClusterRolesIT: plenum.seed=" + seed);
    assertThat(cluster.leader()).isEqualTo(WRITER);
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .until(() -> cluster.applier().equals(READER));
    // Clients reach the business node alone: HAProxy is told so by the health of the others.
    assertThat(cluster.ready(BUSINESS)).isTrue();
    assertThat(cluster.ready(WRITER)).isFalse();
    assertThat(cluster.ready(READER)).isFalse();

    List<RestClient> people = PEOPLE.stream().map(ClusterRolesIT::person).toList();
    String group =
        Groups.create(people.get(0), "PUBLIC", people.subList(1, 3).toArray(RestClient[]::new));
    try (PersistentPosters posters =
        new PersistentPosters(group, people, seed, ClusterFaults.PACE)) {
      posters.awaitMore(100);
      for (String node : List.of(READER, WRITER, BUSINESS)) {
        posters.takeFailures(false);
        long start = System.nanoTime();
        ClusterServers.kill(cluster.node(node));
        if (node.equals(READER)) {
          // Reads come from the memory of the business node, so nobody notices.
          posters.awaitEachOneMore();
          posters.awaitMore(100);
          assertThat(posters.takeFailures(false)).as("without the reader").isEmpty();
        }
        cluster.up();
        posters.awaitEachOneMore();
        System.out.printf(
            "ClusterRolesIT: %s killed and started, all posters on after %d ms, REST failed %d times%n",
            node,
            Duration.ofNanos(System.nanoTime() - start).toMillis(),
            posters.takeFailures(false).size());
        posters.awaitMore(50);
      }
      posters.stop();
      posters.assertAcknowledgedIsStored();
      System.out.println("ClusterRolesIT: " + posters.acknowledged() + " posts acknowledged");
    }
    assertThat(cluster.leader()).isEqualTo(WRITER);
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .until(() -> cluster.applier().equals(READER));
    RestClient.Reply report = people.getFirst().get("/consistency?sample=1000").expect(200);
    assertThat(report.body().path("differences")).as(report.text()).isEmpty();
  }
}
