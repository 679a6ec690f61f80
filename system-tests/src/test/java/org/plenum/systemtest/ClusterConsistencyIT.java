package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.plenum.testkit.RestClient;

/** The consistency report of a cluster: every node's memory, the room's cache, the database. */
class ClusterConsistencyIT extends OnCluster {
  private RestClient ada;
  private String group;

  /** A group that every node has in its memory. */
  @BeforeEach
  void fill() {
    ada = person("ada");
    group = Groups.create(ada, "PRIVATE");
    for (int i = 0; i < 100; i++) {
      Groups.post(ada, group, "message " + i);
    }
    for (String node : cluster.nodes()) {
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> Groups.texts(Groups.history(at(node, ada), group)).size() == 100);
    }
  }

  private JsonNode report(String node) {
    return at(node, ada).get("/consistency?sample=1000").expect(200).body();
  }

  private JsonNode complete(String node) {
    JsonNode[] last = {report(node)};
    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () -> {
              last[0] = report(node);
              assertThat(last[0].path("complete").asBoolean()).as(last[0].toString()).isTrue();
            });
    return last[0];
  }

  private static JsonNode of(JsonNode report, String node) {
    for (JsonNode each : report.path("nodes")) {
      if (each.path("node").asText().equals(node)) {
        return each;
      }
    }
    throw new AssertionError(node + " is not in " + report);
  }

  @Test
  void whicheverNodeIsAskedAllAreComparedWithTheDatabaseAndNothingDiffers() {
    for (String asked : cluster.nodes()) {
      JsonNode report = complete(asked);
      assertThat(report.path("consistent").asBoolean()).as(report.toString()).isTrue();
      assertThat(report.path("nodes").path(0).path("node").asText()).isEqualTo(asked);
      assertThat(report.path("nodes")).hasSize(NODES);
      for (String node : cluster.nodes()) {
        JsonNode found = of(report, node);
        assertThat(found.path("compared").asBoolean()).as(found.toString()).isTrue();
        for (String counted : List.of("groups", "segments", "accounts", "updates", "room")) {
          assertThat(found.path(counted).asInt()).as(counted + " of " + found).isPositive();
        }
      }
    }
  }

  @Test
  void whatDiffersInTheMemoryOfAnotherNodeOrInTheRoomIsFoundFromEachNode() throws Exception {
    complete(cluster.nodes().getFirst());
    sql("UPDATE chat_group SET member_count = member_count + 1 WHERE id = '" + group + "'");
    try {
      for (String asked : cluster.nodes()) {
        JsonNode report = report(asked);
        assertThat(report.path("consistent").asBoolean()).isFalse();
        List<String> found = new ArrayList<>();
        for (JsonNode difference : report.path("differences")) {
          assertThat(difference.path("key").asText()).as(report.toString()).isEqualTo(group);
          found.add(difference.path("node").asText() + " " + difference.path("cache").asText());
        }
        assertThat(found)
            .containsExactlyInAnyOrderElementsOf(
                cluster.nodes().stream()
                    .flatMap(node -> List.of(node + " near", node + " room").stream())
                    .toList());
      }
    } finally {
      sql("UPDATE chat_group SET member_count = member_count - 1 WHERE id = '" + group + "'");
    }
    assertThat(report(cluster.nodes().getLast()).path("consistent").asBoolean()).isTrue();
  }

  @Test
  void aNodeThatDoesNotAnswerIsNamedAsNotCompared() {
    String paused = cluster.follower();
    String asked = cluster.leader();
    complete(asked);
    List<RestClient> strangers = strangers();
    cluster.signal("STOP", cluster.node(paused));
    try {
      // Parts of the data grid are in the paused node: who needs them is not held up by it.
      for (RestClient stranger : strangers) {
        long start = System.nanoTime();
        at(asked, stranger).get("/groups").expect(200);
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        System.out.println("ClusterConsistencyIT: first read beside a paused node: " + took);
        assertThat(took).isLessThan(Duration.ofSeconds(5));
      }
      // Asked in vain at first; when it has been silent for a while it is not asked any more.
      for (String reason : List.of("no answer for", "not heard of for")) {
        await()
            .atMost(Duration.ofMinutes(1))
            .untilAsserted(
                () -> {
                  JsonNode report = report(asked);
                  JsonNode found = of(report, paused);
                  assertThat(found.path("compared").asBoolean()).isFalse();
                  assertThat(found.path("reason").asText()).contains(reason);
                  assertThat(report.path("complete").asBoolean()).isFalse();
                  assertThat(of(report, asked).path("compared").asBoolean()).isTrue();
                  assertThat(report.path("differences")).as(report.toString()).isEmpty();
                });
      }
    } finally {
      cluster.signal("CONT", cluster.node(paused));
    }
    assertThat(complete(asked).path("consistent").asBoolean()).isTrue();
  }

  @Test
  void onlyNodesAreAnsweredOnTheWayBetweenNodes() {
    for (String node : cluster.nodes()) {
      assertThat(cluster.postTo(node, "/plenum/internal/v1/consistency")).isEqualTo(403);
    }
    assertThat(cluster.postToHaproxy("/plenum/internal/v1/consistency")).isEqualTo(404);
  }

  /** People that the memory of a node that does not know them has to be asked for. */
  private List<RestClient> strangers() {
    List<RestClient> strangers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      String name = "stranger" + UUID.randomUUID().toString().substring(0, 8);
      ada.post(
              "/accounts",
              Map.of("name", name, "displayName", "A stranger", "password", "a long password"))
          .expect(201);
      strangers.add(cluster.anonymous().signIn(name, "a long password"));
    }
    return strangers;
  }

  private static void sql(String text) throws SQLException {
    try (Connection connection = cluster.database();
        Statement statement = connection.createStatement()) {
      assertThat(statement.executeUpdate(text)).isEqualTo(1);
    }
  }
}
