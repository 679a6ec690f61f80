package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.plenum.testkit.ClusterServers;
import org.plenum.testkit.RestClient;

/** A processing server takes the reports of all nodes at any one of them (RPT-3, RPT-4). */
class ClusterReportStreamIT extends OnCluster {
  private static final int LIST = 20;
  private static final int CREDIT = 200;
  private static final Duration BACK = Duration.ofMinutes(2);

  private final String run = UUID.randomUUID().toString();

  /** What the processing server has done: keys by source, in order; each report once, by its id. */
  private final Map<String, List<String>> effects = new LinkedHashMap<>();

  private final Set<String> ids = new HashSet<>();
  private int repeated;

  private String source(String node) {
    return "cluster/" + run + "/" + node;
  }

  /** Reports through a node, each acknowledged. */
  private void report(String node, RestClient person, int from, int to) {
    for (int start = from; start <= to; start += LIST) {
      List<Map<String, Object>> list = new ArrayList<>();
      for (int i = start; i <= Math.min(to, start + LIST - 1); i++) {
        list.add(Reported.report(source(node), "k" + i, "stream"));
      }
      at(node, person).post("/reports", list).expect(200);
    }
  }

  private static List<String> keys(int to) {
    return IntStream.rangeClosed(1, to).mapToObj(i -> "k" + i).toList();
  }

  private int done(String node) {
    return effects.getOrDefault(source(node), List.of()).size();
  }

  private void apply(JsonNode frame) {
    for (JsonNode report : frame.path("reports")) {
      String source = report.path("source").asText();
      if (!source.startsWith("cluster/" + run)) {
        continue; // of a test before this one
      }
      if (ids.add(report.path("id").asText())) {
        effects
            .computeIfAbsent(source, key -> new ArrayList<>())
            .add(report.path("businessKey").asText());
      } else {
        repeated++;
      }
    }
  }

  private void take(ProcessingServer server) {
    JsonNode frame = server.await("reports");
    apply(frame);
    JsonNode reports = frame.path("reports");
    server.ack(frame, reports.path(reports.size() - 1).path("sequence").asLong());
    server.credit(reports.size());
  }

  @Test
  void itsNodeIsKilledInMidFlowAndItGoesOnAtAnotherOne() throws Exception {
    RestClient ada = person("ada");
    String home = cluster.follower();
    String other =
        cluster.nodes().stream().filter(node -> !node.equals(home)).findFirst().orElseThrow();
    report(home, ada, 1, 1_000);
    report(other, ada, 1, 1_000);
    AtomicBoolean stop = new AtomicBoolean();
    try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
      Future<Integer> posting =
          threads.submit(
              () -> {
                int last = 1_000;
                while (!stop.get()) {
                  report(other, ada, last + 1, last + LIST);
                  last += LIST;
                }
                return last;
              });
      try {
        takeUntilItsNodeIsKilled(home, other, ada);
        int last = takeTheRest(home, other, ada, stop, posting);
        assertThat(effects)
            .as("all, each once, in the order of its source")
            .containsOnly(
                Map.entry(source(home), keys(1_200)), Map.entry(source(other), keys(last)));
        System.out.println(
            "ClusterReportStreamIT: " + ids.size() + " reports, " + repeated + " came again");
      } finally {
        stop.set(true);
      }
    }
  }

  private void takeUntilItsNodeIsKilled(String home, String other, RestClient ada) {
    try (ProcessingServer server = ProcessingServer.connectToAll(at(home, ada), "erp")) {
      server.credit(CREDIT);
      while (done(home) < 300 || done(other) < 300) {
        take(server);
      }
      // On its way, and never acknowledged.
      apply(server.await("reports"));
      ClusterServers.kill(cluster.node(home));
      server.abort();
    }
  }

  /** How many were reported through the other node. */
  private int takeTheRest(
      String home, String other, RestClient ada, AtomicBoolean stop, Future<Integer> posting)
      throws Exception {
    int atKill = done(other);
    try (ProcessingServer server = ProcessingServer.connectToAll(at(other, ada), "erp")) {
      server.credit(CREDIT);
      while (done(other) < atKill + 500) {
        take(server);
      }
      cluster.up();
      await().atMost(BACK).until(() -> cluster.ready(home));
      report(home, ada, 1_001, 1_200);
      stop.set(true);
      int last = posting.get(2, TimeUnit.MINUTES);
      while (done(home) < 1_200 || done(other) < last) {
        take(server);
      }
      for (String node : cluster.nodes()) {
        await().atMost(Duration.ofSeconds(30)).until(() -> Reported.lag(at(node, ada), "erp") == 0);
      }
      return last;
    }
  }

  @Test
  void theNewestProcessingServerHasTheQueuesOfAllNodesWhereverItConnects() {
    RestClient ada = person("ada");
    String first = cluster.nodes().get(0);
    String second = cluster.nodes().get(1);
    try (ProcessingServer older = ProcessingServer.connectToAll(at(first, ada), "erp")) {
      older.await("welcome");
      older.await("queue");
      try (ProcessingServer newer = ProcessingServer.connectToAll(at(second, ada), "erp")) {
        newer.await("queue");
        assertThat(older.await("bye").path("code").asText()).isEqualTo("FEED_REPLACED");
        report(first, ada, 1, 10);
        report(second, ada, 1, 10);
        newer.credit(CREDIT);
        while (done(first) < 10 || done(second) < 10) {
          take(newer);
        }
        JsonNode streams =
            at(second, ada).get("/reports/status").expect(200).body().path("streams");
        assertThat(streams).anyMatch(it -> it.path("relayed").asBoolean());
      }
    }
    assertThat(effects)
        .containsOnly(Map.entry(source(first), keys(10)), Map.entry(source(second), keys(10)));
  }
}
