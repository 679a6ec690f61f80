package org.plenum.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.plenum.cluster.api.ClusterNode;
import org.plenum.cluster.api.ClusterNode.Presence;
import org.plenum.cluster.api.ClusterProblem.Kind;
import org.plenum.cluster.api.DatabaseStatus;
import org.plenum.cluster.api.Figure;
import org.plenum.cluster.api.StatusBoard;

/** One node among others on a board in memory. */
class ClusterMonitorTest {
  private final Map<String, Double> meters = new HashMap<>();
  private final MemoryBoard board = new MemoryBoard();
  private long now = 1_000_000_000;
  private final ClusterMonitor node1 = monitor("node1", this::well);
  private final ClusterMonitor node2 = monitor("node2", this::well);

  private static final class MemoryBoard implements StatusBoard {
    private final Map<String, byte[]> all = new ConcurrentHashMap<>();
    private @Nullable RuntimeException fault;
    private @Nullable CountDownLatch frozen;

    @Override
    public Map<String, byte[]> exchange(String node, byte[] status, int most) {
      if (fault != null) {
        throw fault;
      }
      if (frozen != null) {
        reached.countDown();
        awaitQuietly(frozen);
      }
      all.put(node, status);
      return Map.copyOf(all);
    }

    private final CountDownLatch reached = new CountDownLatch(1);

    private static void awaitQuietly(CountDownLatch latch) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void remove(String node, byte[] status) {
      all.computeIfPresent(node, (name, present) -> present == status ? null : present);
    }
  }

  private ClusterMonitor monitor(String name, Supplier<Look> looks) {
    return new ClusterMonitor(
        new ClusterMonitor.Self(
            name, List.of("business", "reader", "writer"), "http://" + name + ":1"),
        Statuses.CONFIG,
        new NodeSampler(this::meter, () -> now),
        looks,
        board,
        () -> now,
        Clock.fixed(Statuses.START, ZoneOffset.UTC));
  }

  private OptionalDouble meter(String name) {
    Double value = meters.get(name);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  private Look well() {
    return new Look(now, Statuses.DATABASE, 1_000L, 0L, true, List.of(), 0L);
  }

  private void turn(ClusterMonitor... nodes) {
    now += Duration.ofSeconds(2).toNanos();
    for (ClusterMonitor node : nodes) {
      node.look();
      tell(node);
    }
  }

  private static void tell(ClusterMonitor node) {
    node.sample();
    node.exchange();
  }

  private static List<Kind> kinds(ClusterMonitor node) {
    return node.view().problems().stream().map(problem -> problem.kind()).toList();
  }

  @Test
  void twoNodesSeeEachOther() {
    meters.put("writer_epoch", 4.0);
    turn(node1, node2);
    turn(node1, node2);
    assertThat(node1.view().nodes())
        .extracting(ClusterNode::name)
        .containsExactly("node1", "node2");
    assertThat(node2.view().nodes())
        .extracting(ClusterNode::name)
        .containsExactly("node2", "node1");
    assertThat(node1.view().nodes()).allSatisfy(node -> assertThat(node.here()).isTrue());
  }

  @Test
  void theLeaderIsFirstAmongTheOthersThatMayWriteAndASilentOneIsNone() {
    ClusterMonitor node3 = monitor("node3", this::well);
    turn(node1, node2);
    meters.put("writer_epoch", 4.0);
    turn(node3);
    meters.clear();
    turn(node1, node2);
    assertThat(node1.writers()).containsExactly("http://node3:1", "http://node2:1");
    for (int i = 0; i < 7; i++) {
      turn(node1, node2);
    }
    assertThat(node1.writers()).containsExactly("http://node2:1");
  }

  @Test
  void aNodeThatStopsIsSilentAndThenForgotten() {
    turn(node1, node2);
    for (int i = 0; i < 7; i++) {
      turn(node1);
    }
    assertThat(node1.view().nodes().get(1).presence()).isEqualTo(Presence.SILENT);
    assertThat(kinds(node1)).contains(Kind.NODE_SILENT);
    now += Duration.ofMinutes(10).toNanos();
    turn(node1);
    assertThat(node1.view().nodes()).hasSize(1);
    assertThat(board.all).containsOnlyKeys("node1");
  }

  @Test
  void ratesAreThoseOfTheLastSeconds() {
    meters.put("push_deliveries_total", 0.0);
    for (int i = 0; i < 20; i++) {
      turn(node1);
      meters.merge("push_deliveries_total", i < 10 ? 2_000.0 : 20.0, Double::sum);
    }
    turn(node1);
    assertThat(node1.view().nodes().getFirst().status().figure(Figure.DELIVERIES)).isEqualTo(10.0);
  }

  @Test
  void aMeterThatStartsAgainIsNoNegativeRate() {
    meters.put("writer_commits", 500.0);
    turn(node1);
    meters.put("writer_commits", 3.0);
    turn(node1);
    assertThat(node1.view().nodes().getFirst().status().figure(Figure.COMMITS)).isEqualTo(0.0);
  }

  @Test
  void aGridThatFailsLeavesThisNodeAndComesBack() {
    turn(node1, node2);
    board.fault = new IllegalStateException("partition lost");
    turn(node1, node2);
    assertThat(node1.view().nodes().getFirst().here()).isTrue();
    assertThat(kinds(node1)).contains(Kind.GRID_AWAY).doesNotContain(Kind.NO_LEADER);
    board.fault = null;
    turn(node1, node2);
    assertThat(kinds(node1)).doesNotContain(Kind.GRID_AWAY);
  }

  @Test
  void whileTheGridIsFrozenThisNodeIsShownAsItIs() throws Exception {
    turn(node1, node2);
    CountDownLatch thaw = new CountDownLatch(1);
    board.frozen = thaw;
    Thread telling = Thread.ofPlatform().start(node1::exchange);
    try {
      board.reached.await();
      meters.put("writer_epoch", 7.0);
      for (int i = 0; i < 7; i++) {
        now += Duration.ofSeconds(2).toNanos();
        node1.look();
        node1.sample();
      }
      assertThat(node1.view().nodes().getFirst().status().figure(Figure.WRITER_EPOCH))
          .isEqualTo(7.0);
      assertThat(node1.view().problems())
          .anySatisfy(problem -> assertThat(problem.text()).contains("no answer for 14 s"));
    } finally {
      thaw.countDown();
      telling.join();
    }
    board.frozen = null;
    turn(node1, node2);
    turn(node1, node2);
    assertThat(kinds(node1)).doesNotContain(Kind.GRID_AWAY, Kind.NODE_SILENT);
  }

  @Test
  void looksThatDoNotEndAreSaidByThisNodeAndToTheOthers() {
    turn(node1, node2);
    for (int i = 0; i < 6; i++) {
      now += Duration.ofSeconds(2).toNanos();
      tell(node1);
      node2.look();
      tell(node2);
    }
    assertThat(node1.view().database().reachable()).isFalse();
    assertThat(node1.view().problems())
        .anySatisfy(problem -> assertThat(problem.text()).contains("no answer for 12 s"));
    assertThat(kinds(node2)).contains(Kind.NODE_NOT_READY, Kind.DATABASE_AWAY);
    assertThat(node2.view().database().reachable()).isTrue();
  }

  @Test
  void aLookThatFailsHarmsNothing() {
    ClusterMonitor broken =
        monitor(
            "node3",
            () -> {
              throw new IllegalStateException("no");
            });
    turn(broken);
    assertThat(broken.view().database()).isEqualTo(DatabaseStatus.UNKNOWN);
    assertThat(kinds(broken)).contains(Kind.DATABASE_AWAY, Kind.NODE_NOT_READY);
  }

  /** A meter that is renamed must not silently vanish from the page. */
  @Test
  void everyMeterItReadsIsRegisteredSomewhere() throws IOException {
    StringBuilder sources = new StringBuilder();
    for (String module : List.of("ejb-module", "web-module")) {
      try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "main", "java"))) {
        for (Path file :
            files
                .filter(it -> it.toString().endsWith(".java") && !it.endsWith("Figure.java"))
                .toList()) {
          sources.append(Files.readString(file));
        }
      }
    }
    for (Figure figure : Figure.values()) {
      if (figure.kind() != Figure.Kind.COMPUTED) {
        String meter = figure.meter();
        assertThat(
                Stream.of(
                        meter, meter.replaceAll("_(sum|count)$", ""), meter.replace("report_", ""))
                    .anyMatch(name -> sources.indexOf('"' + name + '"') >= 0))
            .as("meter %s", meter)
            .isTrue();
      }
    }
  }
}
