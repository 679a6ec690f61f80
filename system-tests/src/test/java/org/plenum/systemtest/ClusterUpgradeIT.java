package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.plenum.testkit.ClusterServers;
import org.plenum.testkit.RestClient;

/**
 * Another version is put on one node after the other while people chat: they see a pause, and no
 * request fails. The other version is the same archive with another text of the version.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterUpgradeIT extends OnCluster {
  private static final List<String> PEOPLE = List.of("ada", "grace", "alan");
  private static final String VERSION_FILE = "META-INF/plenum-version.txt";
  private static final String NEXT = "1.0.1-upgrade";
  private static final String THIRD = "1.0.2-upgrade";
  private static final Duration LIMIT = Duration.ofMinutes(8);

  @TempDir private static Path folder;
  private static String upgradedFirst;

  @Test
  @Order(1)
  void whoWritesDuringAnUpgradeSeesAPauseAndNoError() throws Exception {
    Path next = Ears.with(cluster.application(), folder.resolve("next.ear"), VERSION_FILE, NEXT);
    upgradedFirst = cluster.follower();
    whilePeopleChat(
        (ada, posters) -> {
          Set<String> seen = new TreeSet<>();
          try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
            Future<?> upgrade = thread.submit(() -> cluster.upgrade(next));
            // Reads go through HAProxy as well, and none may fail.
            await()
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(500))
                .until(
                    () -> {
                      seen.addAll(problems(ada));
                      return upgrade.isDone();
                    });
            upgrade.get();
          }
          assertThat(seen).contains("MIXED_VERSIONS");
        });
    for (String node : cluster.nodes()) {
      assertThat(version(node)).as(node).isEqualTo(NEXT);
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(problems(person("ada"))).doesNotContain("MIXED_VERSIONS"));
    theLeaseWasGivenBack();
  }

  /** Payara loads an application for the first of those that refer to it, so the order counts. */
  @Test
  @Order(2)
  void theNextUpgradeGoesInTheOtherOrderAndANodeThatIsKilledComesBackWithItsVersion()
      throws Exception {
    assertThat(cluster.leader()).as("comes last this time").isEqualTo(upgradedFirst);
    Path next = Ears.with(cluster.application(), folder.resolve("third.ear"), VERSION_FILE, THIRD);
    whilePeopleChat((ada, posters) -> cluster.upgrade(next));
    theLeaseWasGivenBack();
    for (String node : cluster.nodes()) {
      assertThat(version(node)).as(node).isEqualTo(THIRD);
      ClusterServers.kill(cluster.node(node));
      cluster.up();
      assertThat(version(node)).as(node + " after it was killed").isEqualTo(THIRD);
    }
  }

  @Test
  @Order(3)
  void aVersionThatDoesNotStartStopsAtTheFirstNodeAndTheWayBackIsOneCommand() throws Exception {
    Path broken =
        Ears.with(
            cluster.application(),
            folder.resolve("broken.ear"),
            "db/migration/postgresql/V9999__broken.sql",
            "SELECT no_such_function();");
    String leader = cluster.leader();
    String first = cluster.follower();
    String running = version(leader);
    whilePeopleChat(
        (ada, posters) -> {
          assertThatThrownBy(() -> cluster.upgrade(broken, "--ready-wait", "30"))
              .hasMessageContaining("it ended at " + first)
              .hasMessageContaining("upgrade --back");
          // Its lease may have run out for a moment on a busy machine; nobody else took it.
          await()
              .atMost(Duration.ofSeconds(10))
              .ignoreExceptions()
              .untilAsserted(() -> assertThat(cluster.leader()).isEqualTo(leader));
          assertThat(version(leader)).isEqualTo(running);
          posters.awaitEachOneMore();
          cluster.upgradeBack();
        });
    for (String node : cluster.nodes()) {
      assertThat(cluster.ready(node)).as(node).isTrue();
      assertThat(version(node)).as(node).isEqualTo(running);
    }
  }

  private interface Action {
    void run(RestClient ada, PersistentPosters posters) throws Exception;
  }

  /** Nothing that was acknowledged meanwhile is lost, and nobody over REST saw an error. */
  private static void whilePeopleChat(Action action) throws Exception {
    long seed = Long.getLong("plenum.seed", System.nanoTime());
    System.out.println("ClusterUpgradeIT: plenum.seed=" + seed);
    List<RestClient> people = PEOPLE.stream().map(OnCluster::person).toList();
    String group =
        Groups.create(people.get(0), "PUBLIC", people.subList(1, 3).toArray(RestClient[]::new));
    try (PersistentPosters posters =
        new PersistentPosters(group, people, seed, ClusterFaults.PACE)) {
      posters.awaitMore(50);
      posters.takeLongest();
      posters.takeFailures(true);
      long start = System.nanoTime();
      action.run(people.getFirst(), posters);
      posters.awaitEachOneMore();
      System.out.printf(
          "ClusterUpgradeIT: %d s, %d posts acknowledged, longest wait %d ms%n",
          Duration.ofNanos(System.nanoTime() - start).toSeconds(),
          posters.acknowledged(),
          posters.takeLongest().toMillis());
      List<String> sockets = posters.takeFailures(true);
      System.out.println("ClusterUpgradeIT: sockets failed " + sockets.size() + " times");
      sockets.stream()
          .distinct()
          .forEach(each -> System.out.println("ClusterUpgradeIT:   " + each));
      assertThat(posters.takeFailures(false)).as("what callers over REST were answered").isEmpty();
      posters.stop();
      posters.assertAcknowledgedIsStored();
      ClusterFaults.everyNodeHas(group, people.getFirst(), posters.all());
      ClusterFaults.theDatabaseHas(group, posters.all());
    }
    for (String node : cluster.nodes()) {
      RestClient.Reply report =
          at(node, people.getFirst()).get("/consistency?sample=1000").expect(200);
      assertThat(report.body().path("differences")).as(node + ": " + report.text()).isEmpty();
    }
    ClusterFaults.oneWriterForEachEpoch();
  }

  /** By every node that was stopped in order: the next leader need not wait until it runs out. */
  private static void theLeaseWasGivenBack() throws IOException {
    for (String node : cluster.nodes()) {
      String log = Files.readString(cluster.instance(node).resolve("logs/server.log"));
      assertThat(log.contains("could not be given back")).as(node).isFalse();
    }
  }

  private static String version(String node) {
    return cluster.anonymous(node).get("/about").expect(200).body().path("version").asText();
  }

  /** The signs that the page Cluster shows now. */
  private static List<String> problems(RestClient ada) {
    List<String> kinds = new ArrayList<>();
    for (JsonNode problem : ada.get("/cluster").expect(200).body().path("problems")) {
      kinds.add(problem.path("kind").asText());
    }
    return kinds;
  }
}
