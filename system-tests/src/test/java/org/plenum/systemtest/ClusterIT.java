package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.plenum.testkit.ChatSocket;
import org.plenum.testkit.RestClient;

/**
 * What several nodes are to their users while all is well: whichever node answers, it is one
 * Plenum. Nodes: {@code -Dplenum.cluster.nodes}.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterIT extends OnCluster {
  /** Whoever leads has not answered anything yet: what it needs for that must be there. */
  @Test
  @Order(0)
  void theVeryFirstWriteAtANodeThatDoesNotLeadIsAnsweredAtOnce() {
    RestClient ada = cluster.anonymous(cluster.follower()).signIn("ada", "demo-ada");
    long start = System.nanoTime();
    Groups.create(ada, "PRIVATE");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
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
}
