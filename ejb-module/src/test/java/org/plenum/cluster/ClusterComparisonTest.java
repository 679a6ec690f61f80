package org.plenum.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.plenum.cluster.api.ClusterConsistency;
import org.plenum.cluster.api.ClusterConsistencyService;
import org.plenum.cluster.api.ClusterNode;
import org.plenum.cluster.api.ClusterNode.Presence;
import org.plenum.cluster.api.NodeConsistency;
import org.plenum.cluster.api.NodeStatus;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.reader.api.ConsistencyReport;
import org.plenum.reader.api.ConsistencyReport.Difference;
import org.plenum.reader.api.ConsistencyService;

/** The comparison of all nodes: who is asked, and what becomes of who does not answer (GRP-5). */
class ClusterComparisonTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final ConsistencyReport WELL = report(List.of());

  private final AtomicLong now = new AtomicLong(1_000);
  private final List<ClusterNode> nodes = new ArrayList<>(List.of(here("node1", "")));
  private final Map<String, CompletableFuture<ConsistencyReport>> answers =
      new ConcurrentHashMap<>();
  private ConsistencyService local = (sample, limit) -> WELL;

  private static ConsistencyReport report(List<Difference> differences) {
    return new ConsistencyReport(9, 9, 1, 1, 1, 1, 1, 0, true, differences);
  }

  private static ClusterNode here(String name, String url) {
    return new ClusterNode(name, Presence.HERE, Duration.ofSeconds(1), status(name, url));
  }

  private static NodeStatus status(String name, String url) {
    NodeStatus plain = Statuses.node(name, 1, false);
    return new NodeStatus(
        name,
        plain.version(),
        1,
        plain.startedAt(),
        plain.roles(),
        true,
        List.of(),
        plain.figures(),
        url);
  }

  private ClusterConsistency compare() {
    return new ClusterComparison(
            () -> nodes,
            local,
            (url, sample, limit) ->
                answers.computeIfAbsent(url, unknown -> new CompletableFuture<>()),
            LIMIT,
            now::get)
        .compare(100);
  }

  @Test
  void everyNodeIsComparedAndWhatDiffersAnywhereIsSaid() {
    Difference found = new Difference("near", "group", "k", "head 1, in the database 2");
    nodes.add(here("node2", "http://two"));
    answers.put("http://two", CompletableFuture.completedFuture(report(List.of(found))));
    ClusterConsistency all = compare();
    assertThat(all.nodes())
        .extracting(NodeConsistency::node, NodeConsistency::report)
        .containsExactly(tuple("node1", WELL), tuple("node2", report(List.of(found))));
    assertThat(all.complete()).isTrue();
    assertThat(all.consistent()).isFalse();
  }

  @Test
  void theOthersWorkWhileThisNodeCompares() {
    nodes.add(here("node2", "http://two"));
    local =
        (sample, limit) -> {
          // Asked before: else this would find nothing.
          answers.get("http://two").complete(WELL);
          return WELL;
        };
    assertThat(compare().complete()).isTrue();
  }

  @Test
  void aNodeThatDoesNotAnswerInTimeIsNamedAndItsQuestionGivenUp() {
    nodes.add(here("node2", "http://two"));
    nodes.add(here("node3", "http://three"));
    answers.put("http://three", CompletableFuture.completedFuture(WELL));
    local =
        (sample, limit) -> {
          now.addAndGet(LIMIT.plusSeconds(6).toNanos());
          return WELL;
        };
    ClusterConsistency all = compare();
    assertThat(all.nodes())
        .extracting(NodeConsistency::node, NodeConsistency::reason)
        .containsExactly(
            tuple("node1", null), tuple("node2", "no answer for 66 s"), tuple("node3", null));
    assertThat(all.consistent()).isTrue();
    assertThat(all.complete()).isFalse();
    assertThat(answers.get("http://two")).isCancelled();
  }

  @Test
  void aNodeThatIsSilentOrUnreadableOrWithoutAnAddressIsNamedAndNotAsked() {
    nodes.add(
        new ClusterNode(
            "node2", Presence.SILENT, Duration.ofSeconds(14), status("node2", "http://two")));
    nodes.add(new ClusterNode("node3", Presence.UNREADABLE, Duration.ofSeconds(1), null));
    nodes.add(here("node4", ""));
    nodes.add(here("node5", "no address"));
    ClusterConsistency all =
        new ClusterComparison(
                () -> nodes,
                local,
                (url, sample, limit) -> {
                  throw new IllegalArgumentException("no address: " + url);
                },
                LIMIT,
                now::get)
            .compare(100);
    assertThat(all.nodes())
        .extracting(NodeConsistency::reason)
        .containsExactly(
            null,
            "not heard of for 14 s",
            "it speaks a form that this version cannot read",
            "it does not say where it is reached",
            "no address: no address");
    assertThat(all.complete()).isFalse();
  }

  @Test
  void aNodeWithoutTheDatabaseStillNamesTheOthers() {
    nodes.add(here("node2", "http://two"));
    answers.put("http://two", CompletableFuture.completedFuture(WELL));
    local =
        (sample, limit) -> {
          throw new ServiceException(ErrorCode.READ_UNAVAILABLE, "the database does not answer");
        };
    ClusterConsistency all = compare();
    assertThat(all.nodes())
        .extracting(NodeConsistency::node, NodeConsistency::reason)
        .containsExactly(tuple("node1", "the database does not answer"), tuple("node2", null));
    assertThat(all.complete()).isFalse();
  }

  /** Over real HTTP: the secret, the sample and the time travel; statuses become words. */
  @Test
  void nodesAreAskedOverHttpWithTheSecret() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    List<String> asked = new ArrayList<>();
    int[] status = {200};
    byte[][] body = {ConsistencyCodec.encode(WELL)};
    server.createContext(
        ClusterConsistencyService.PATH,
        exchange -> {
          asked.add(
              exchange.getRequestMethod()
                  + " "
                  + exchange.getRequestURI().getQuery()
                  + " "
                  + exchange.getRequestHeaders().getFirst("Plenum-Node-Secret"));
          exchange.sendResponseHeaders(status[0], body[0].length);
          exchange.getResponseBody().write(body[0]);
          exchange.close();
        });
    server.start();
    try (ExecutorService threads = Executors.newCachedThreadPool();
        HttpConsistencyTransport http =
            new HttpConsistencyTransport("sesame, sesame", Duration.ofSeconds(5), threads)) {
      String url = "http://127.0.0.1:" + server.getAddress().getPort();
      nodes.add(here("node2", url));
      ClusterComparison comparison =
          new ClusterComparison(() -> nodes, local, http, LIMIT, System::nanoTime);
      assertThat(comparison.compare(7).nodes().getLast().report()).isEqualTo(WELL);
      assertThat(asked).containsExactly("POST sample=7&millis=60000 sesame, sesame");

      status[0] = 429;
      assertThat(comparison.compare(7).nodes().getLast().reason())
          .isEqualTo("it makes another report");
      status[0] = 404;
      assertThat(comparison.compare(7).nodes().getLast().reason()).contains("older version");
      status[0] = 200;
      body[0] = new byte[ConsistencyCodec.MAX_BYTES + 1];
      assertThat(comparison.compare(7).nodes().getLast().reason())
          .isEqualTo("answered what this version cannot read");
      nodes.set(1, here("node2", "http://127.0.0.1:" + unused()));
      assertThat(comparison.compare(7).nodes().getLast().reason())
          .isEqualTo("it cannot be reached");
    } finally {
      server.stop(0);
    }
  }

  private static int unused() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
