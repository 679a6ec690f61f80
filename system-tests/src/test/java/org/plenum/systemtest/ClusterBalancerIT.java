package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.plenum.testkit.ClusterServers;
import org.plenum.testkit.RestClient;

/** Two nodes of a deployment group; each balances for both (GRP-1). */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterBalancerIT {
  private static final int REQUESTS = 10_000;
  private static final int CLIENTS = 8;
  private static final Pattern CHOSEN =
      Pattern.compile("plenum_balancer_chosen\\{[^}]*peer=\"(node[0-9])\"[^}]*} ([0-9.E]+)");

  private static ClusterServers cluster;

  @BeforeAll
  static void up() {
    cluster =
        ClusterServers.start(
            path("plenum.payara.home", "target/payara7"),
            path("plenum.project", ".."),
            path("plenum.work", "target/work"),
            ClusterServers.Options.shortLived(
                2,
                Map.of(
                    "plenum.balancer.enabled", "true",
                    "plenum.balancer.port", "${BALANCER_PORT}",
                    "plenum.limits.reads-per-second", "10000",
                    "plenum.limits.read-burst", "20000",
                    "plenum.limits.sign-ins-per-minute", "0",
                    "plenum.limits.sign-ins-per-minute-and-address", "0",
                    "plenum.accounts.hash-iterations", "5000")));
    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () -> assertThat(chosen("node1").keySet()).containsExactlyInAnyOrder("node1", "node2"));
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

  /** A client of nobody that goes through the balancer of a node. */
  private static RestClient through(String node) {
    URI direct = URI.create(cluster.url(node));
    return RestClient.anonymous(
        URI.create("http://127.0.0.1:" + (direct.getPort() + 10) + "/plenum"));
  }

  /** How many requests the balancer of a node gave to each peer so far. */
  private static Map<String, Long> chosen(String node) {
    Map<String, Long> chosen = new HashMap<>();
    Matcher line = CHOSEN.matcher(cluster.metrics(node));
    while (line.find()) {
      chosen.put(line.group(1), (long) Double.parseDouble(line.group(2)));
    }
    return chosen;
  }

  @Test
  @Order(1)
  void tenThousandRequestsAreSharedEvenly() throws Exception {
    await()
        .atMost(Duration.ofMinutes(1))
        .ignoreExceptions()
        .until(() -> through("node1").get("/about").status() == 200);
    Map<String, Long> before = chosen("node1");
    try (ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
      List<Future<?>> running = new ArrayList<>();
      for (int client = 0; client < CLIENTS; client++) {
        running.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < REQUESTS / CLIENTS; i++) {
                    through("node1").get("/about").expect(200);
                  }
                }));
      }
      for (Future<?> one : running) {
        one.get(3, TimeUnit.MINUTES);
      }
    }
    Map<String, Long> after = chosen("node1");
    for (String node : cluster.nodes()) {
      long share = after.get(node) - before.get(node);
      System.out.println("ClusterBalancerIT: " + node + " had " + share + " of " + REQUESTS);
      assertThat(share).as(node).isBetween(REQUESTS * 95L / 200, REQUESTS * 105L / 200);
    }
  }

  @Test
  @Order(2)
  void aPeerIsKilledUnderReadsAndWritesWithIdsAndNoneFails() throws Exception {
    RestClient ada = through("node1").signIn("ada", "demo-ada");
    String group = Groups.create(ada, "PRIVATE");
    AtomicBoolean stopped = new AtomicBoolean();
    AtomicInteger done = new AtomicInteger();
    try (ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
      List<Future<Integer>> running = new ArrayList<>();
      for (int client = 0; client < CLIENTS; client++) {
        int number = client;
        running.add(
            threads.submit(
                () -> {
                  int posted = 0;
                  while (!stopped.get()) {
                    if (number % 2 == 0) {
                      ada.get("/groups/" + group + "/entries?limit=5&from=1").expect(200);
                    } else {
                      RestClient.Reply reply =
                          ada.send(
                              "POST",
                              "/groups/" + group + "/messages",
                              Map.of("text", "client " + number + " post " + posted),
                              Map.of("Idempotency-Key", java.util.UUID.randomUUID().toString()));
                      assertThat(reply.status()).as(reply.text()).isIn(200, 201);
                      posted++;
                    }
                    done.incrementAndGet();
                  }
                  return posted;
                }));
      }
      try {
        await().atMost(Duration.ofMinutes(1)).until(() -> done.get() > 200);
        ClusterServers.kill(cluster.node("node2"));
        int atKill = done.get();
        await().atMost(Duration.ofMinutes(1)).until(() -> done.get() > atKill + 500);
      } finally {
        stopped.set(true);
      }
      int posted = 0;
      for (Future<Integer> one : running) {
        posted += one.get(1, TimeUnit.MINUTES);
      }
      System.out.println("ClusterBalancerIT: " + done.get() + " requests, none failed");
      List<String> texts = Groups.texts(Groups.history(ada, group));
      assertThat(texts).hasSize(posted).doesNotHaveDuplicates();
    }
  }
}
