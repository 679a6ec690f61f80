package org.plenum.web.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.plenum.report.api.StreamStatus;
import org.plenum.web.push.StreamClient.Effects;
import org.plenum.web.push.StreamClient.Got;
import org.plenum.web.push.StreamClient.Report;

/** Streams that have the queues of all nodes: two nodes in memory, their sockets are real. */
@Timeout(120)
class RelayedReportsTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String BODY = "{\"a\":1}";

  private final Map<String, String> cluster = new ConcurrentHashMap<>();
  private final List<StreamNode> nodes = new ArrayList<>();
  private final StreamNode a = node("a");
  private final StreamNode b = node("b");
  private final Effects effects = new Effects();

  private StreamNode node(String name) {
    return track(new StreamNode(name, cluster));
  }

  private StreamNode track(StreamNode node) {
    nodes.add(node);
    return node;
  }

  @AfterEach
  void down() {
    nodes.forEach(StreamNode::close);
  }

  private static void add(StreamNode node, String source, int from, int to) {
    for (int i = from; i <= to; i++) {
      node.queue.add(source, "k" + i, BODY);
    }
  }

  private static List<String> keys(int from, int to) {
    return IntStream.rangeClosed(from, to).mapToObj(i -> "k" + i).toList();
  }

  private static void awaitAcked(StreamNode node, long sequence) {
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(node.queue.acked()).as(node.name).isEqualTo(sequence));
  }

  @Test
  void theReportsOfAllNodesComeInOrderAndAreAcknowledgedInTheirQueues() {
    add(a, "a1", 1, 1_000);
    add(b, "b1", 1, 700);
    add(b, "b2", 1, 300);
    try (StreamClient client = StreamClient.atAll(a, effects)) {
      assertThat(client.await("welcome").queue()).isEqualTo("a/1");
      client.awaitOpen("b/2");
      client.credit(100);
      client.takeUntil(2_000);
      awaitAcked(a, 1_000);
      awaitAcked(b, 1_000);
      add(b, "b1", 701, 710);
      client.takeUntil(2_010);
      awaitAcked(b, 1_010);
    }
    assertThat(effects.bySource)
        .containsOnly(
            Map.entry("a1", keys(1, 1_000)),
            Map.entry("b1", keys(1, 710)),
            Map.entry("b2", keys(1, 300)));
    assertThat(effects.repeated).isZero();
  }

  @Test
  void theNewestStreamTakesTheQueuesOfAllNodes() {
    try (StreamClient first = StreamClient.atAll(a, effects)) {
      first.awaitOpen("b/2");
      first.credit(1_000);
      add(a, "a1", 1, 10);
      add(b, "b1", 1, 10);
      first.takeUntil(20);
      awaitAcked(a, 10);
      awaitAcked(b, 10);
      try (StreamClient second = StreamClient.atAll(b, effects)) {
        second.awaitOpen("a/2");
        assertBye(first, "FEED_REPLACED");
        add(a, "a1", 11, 20);
        add(b, "b1", 11, 20);
        second.credit(1_000);
        second.takeUntil(40);
      }
    }
    assertThat(effects.bySource)
        .containsOnly(Map.entry("a1", keys(1, 20)), Map.entry("b1", keys(1, 20)));
    assertThat(effects.repeated).isZero();
  }

  /** Reports of both nodes are out and not acknowledged. */
  private StreamClient withReportsOfBoth() {
    StreamClient client = StreamClient.atAll(a, effects);
    client.awaitOpen("b/2");
    client.credit(10);
    client.await("reports");
    client.await("reports");
    return client;
  }

  @Test
  void aProcessingServerThatIsGoneWithoutAWordIsAnAttemptOfWhatItHad() {
    add(a, "a1", 1, 1);
    add(b, "b1", 1, 1);
    withReportsOfBoth().close();
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(List.of(a.queue.lost(), b.queue.lost())).containsExactly(1, 1));

    try (StreamClient idle = StreamClient.atAll(a, effects)) {
      idle.awaitOpen("b/2"); // it has no report, although those of b are fetched for it
    }
    await().atMost(SOON).until(() -> a.streams().running().isEmpty());
    await().atMost(SOON).until(() -> b.streams().running().isEmpty());
    assertThat(List.of(a.queue.lost(), b.queue.lost())).containsExactly(1, 1);
  }

  @Test
  void aProcessingServerThatLeavesAndANodeThatDiesAreNoAttempt() {
    add(a, "a1", 1, 1);
    add(b, "b1", 1, 1);
    withReportsOfBoth().leave();
    await().atMost(SOON).until(() -> a.streams().running().isEmpty());
    await().atMost(SOON).until(() -> b.streams().running().isEmpty());
    assertThat(List.of(a.queue.lost(), b.queue.lost())).containsExactly(0, 0);

    try (StreamClient client = withReportsOfBoth()) {
      a.kill();
      await().atMost(SOON).until(() -> b.streams().running().isEmpty());
      assertThat(b.queue.lost()).isZero();
    }
  }

  @Test
  void troubleOfTheQueueOfThisNodeLeavesTheOthersInTheStreamAndPasses() {
    try (StreamClient client = StreamClient.atAll(a, effects)) {
      client.awaitOpen("b/2");
      client.credit(1_000);
      add(a, "a1", 1, 10);
      add(b, "b1", 1, 10);
      client.takeUntil(20);
      awaitAcked(a, 10);

      a.queue.away(true);
      Got lost = client.await("queue");
      assertThat(lost.queue()).isEqualTo("a/1");
      assertThat(lost.text()).contains("\"state\":\"lost\"").contains("it has ended");
      assertThat(a.streams().status().getFirst().queues().getFirst().state())
          .isEqualTo(StreamStatus.State.AWAY);
      add(a, "a1", 11, 20);
      add(b, "b1", 11, 20);
      client.takeUntil(30);
      client.ack("a/1", 10); // of the lost one: without effect

      a.queue.away(false);
      client.awaitOpen("a/3");
      client.takeUntil(40);
      awaitAcked(a, 20);
    }
    assertThat(effects.bySource)
        .containsOnly(Map.entry("a1", keys(1, 20)), Map.entry("b1", keys(1, 20)));
    assertThat(effects.repeated).isZero();
  }

  private static void assertBye(StreamClient client, String code) {
    Got frame;
    do {
      frame = client.next(SOON.toMillis());
      assertThat(frame).as("a bye").isNotNull();
    } while (!frame.type().equals("bye"));
    assertThat(frame.text()).contains(code);
  }

  @Test
  void aStreamThatIsNotNewDoesNotTakeAQueueThatAnotherOneHas() {
    StreamNode c =
        track(
            new StreamNode(
                "c",
                cluster,
                new PeerReportSource.Settings(
                    128,
                    Duration.ZERO,
                    Duration.ofSeconds(5),
                    Duration.ofMillis(500),
                    Duration.ofSeconds(20)),
                false));
    try (StreamClient has = StreamClient.atOne(b);
        StreamClient late = StreamClient.atAll(c, effects)) {
      has.await("welcome");
      assertBye(late, "FEED_REPLACED");
      add(b, "b1", 1, 1);
      has.credit(1);
      assertThat(has.await("reports").reports()).hasSize(1);
    }
  }

  @Test
  void aNodeThatDiesInMidFlowHoldsUpNoOtherAndGoesOnWhenItIsBack() {
    add(b, "b1", 1, 1_000);
    try (StreamClient client = StreamClient.atAll(a, effects)) {
      client.awaitOpen("b/2");
      client.credit(50);
      client.takeUntil(300);
      client.credit(1);
      Got unacknowledged = client.await("reports");
      unacknowledged.reports().forEach(effects::apply);
      b.kill();
      Got lost;
      do {
        lost = client.await("queue");
      } while (!lost.text().contains("\"lost\""));
      assertThat(lost.queue()).isEqualTo("b/2");
      add(a, "a1", 1, 100);
      client.credit(50);
      client.takeUntil(effects.count() + 100);
      assertThat(effects.bySource.get("a1")).isEqualTo(keys(1, 100));
      assertThat(a.streams().status().getFirst().queues())
          .anySatisfy(
              queue -> {
                assertThat(queue.node()).isEqualTo("b");
                assertThat(queue.state()).isEqualTo(StreamStatus.State.AWAY);
              });

      b.start();
      client.awaitOpen("b/3");
      long before = b.queue.acked();
      client.ack("b/2", unacknowledged.reports().getLast().sequence());
      client.send("{\"type\":\"ping\"}");
      List<Got> meanwhile = client.untilPong();
      assertThat(b.queue.acked()).as("an ack of what was lost").isEqualTo(before);
      meanwhile.forEach(client::take);
      client.credit(100);
      client.takeUntil(1_100);
      awaitAcked(b, 1_000);
    }
    assertThat(effects.bySource.get("b1")).isEqualTo(keys(1, 1_000));
  }

  @Test
  void aProcessingServerWhoseNodeDiesGoesOnAtAnotherOne() {
    add(a, "a1", 1, 500);
    add(b, "b1", 1, 500);
    try (StreamClient client = StreamClient.atAll(a, effects)) {
      client.credit(40);
      client.takeUntil(400);
      a.kill();
    }
    try (StreamClient client = StreamClient.atAll(b, effects)) {
      client.credit(40);
      while (effects.bySource.getOrDefault("b1", List.of()).size() < 500) {
        client.takeUntil(effects.count() + 1);
      }
      a.start();
      client.takeUntil(1_000);
      awaitAcked(a, 500);
      awaitAcked(b, 500);
    }
    assertThat(effects.bySource)
        .containsOnly(Map.entry("a1", keys(1, 500)), Map.entry("b1", keys(1, 500)));
  }

  @Test
  void creditIsForAllQueuesTogetherAndNoneStarves() {
    add(a, "a1", 1, 20_000);
    add(b, "b1", 1, 20_000);
    try (StreamClient client = StreamClient.atAll(a, effects)) {
      client.awaitOpen("b/2");
      await().atMost(SOON).until(() -> b.queue.delivered() > 0);
      client.credit(7);
      int got = 0;
      while (got < 7) {
        got += client.await("reports").reports().size();
      }
      assertThat(got).isEqualTo(7);
      assertThat(client.next(300)).as("beyond the credit").isNull();
      Map<String, Integer> shares = new HashMap<>();
      for (int i = 0; i < 200; i++) {
        client.credit(1);
        Got frame = client.await("reports");
        List<Report> reports = frame.reports();
        shares.merge(String.valueOf(frame.queue()), reports.size(), Integer::sum);
        client.ack(frame.queue(), reports.getLast().sequence());
      }
      assertThat(shares.get("a/1")).isBetween(80, 120);
      assertThat(shares.get("b/2")).isBetween(80, 120);
    }
  }

  @Test
  void aSlowProcessingServerHoldsTheOtherNodeBack() {
    String body = "{\"text\":\"" + "x".repeat(60_000) + "\"}";
    for (int i = 1; i <= 2_000; i++) {
      b.queue.add("b1", "k" + i, body);
    }
    try (StreamClient client = StreamClient.atAll(a, effects)) {
      client.awaitOpen("b/2");
      client.read(false);
      client.credit(4_000);
      await()
          .atMost(SOON)
          .during(Duration.ofSeconds(1))
          .until(
              new Callable<Boolean>() {
                private long seen = -1;

                @Override
                public Boolean call() {
                  long now = b.queue.delivered();
                  boolean same = now == seen && now > 0;
                  seen = now;
                  return same;
                }
              });
      assertThat(b.queue.delivered() * 60_000)
          .as("bytes on their way of 120 MB: buffers of four sockets and three bounded queues")
          .isLessThan(40L << 20);
      client.read(true);
      client.takeUntil(2_000);
    }
    assertThat(effects.bySource.get("b1")).isEqualTo(keys(1, 2_000));
    assertThat(effects.repeated).isZero();
  }

  @Test
  void aReportThatIsRejectedComesAgainAndNothingOvertakesIt() {
    add(b, "b1", 1, 50);
    try (StreamClient client = StreamClient.atAll(a, effects)) {
      client.awaitOpen("b/2");
      client.credit(100);
      boolean rejected = false;
      while (effects.count() < 50) {
        Got frame = client.await("reports");
        long done = 0;
        for (Report report : frame.reports()) {
          if (report.key().equals("k20") && !rejected) {
            rejected = true;
            client.reject(frame.queue(), report.sequence());
            Got answer = client.await("rejected");
            assertThat(answer.queue()).isEqualTo("b/2");
            assertThat(answer.text()).contains("\"sequence\":20");
            Got again = client.await("reports");
            assertThat(again.text()).contains("\"attempt\":2");
            assertThat(again.reports()).hasSize(1);
            assertThat(again.reports().getFirst().key()).isEqualTo("k20");
            effects.apply(again.reports().getFirst());
            done = again.reports().getFirst().sequence();
            break;
          }
          effects.apply(report);
          done = report.sequence();
        }
        client.ack(frame.queue(), done);
      }
      awaitAcked(b, 50);
    }
    assertThat(effects.bySource.get("b1")).isEqualTo(keys(1, 50));
    assertThat(effects.repeated).isZero();
  }

  @Test
  void aNodeOfAnOlderVersionIsNotRelayedAndTheStatusSaysSo() {
    track(new StreamNode("old", cluster, StreamNode.INNER, true));
    try (StreamClient client = StreamClient.atAll(a, effects)) {
      client.awaitOpen("b/2");
      add(a, "a1", 1, 10);
      add(b, "b1", 1, 10);
      client.credit(100);
      client.takeUntil(20);
      await()
          .atMost(SOON)
          .untilAsserted(
              () ->
                  assertThat(a.streams().status().getFirst().queues())
                      .extracting(StreamStatus.Queue::node, StreamStatus.Queue::state)
                      .contains(tuple("old", StreamStatus.State.UNSUPPORTED)));
    }
  }

  @Test
  void aStreamOfOneQueueNamesNone() {
    add(a, "a1", 1, 10);
    add(b, "b1", 1, 10);
    try (StreamClient client = StreamClient.atOne(a)) {
      assertThat(client.await("welcome").text())
          .isEqualTo("{\"type\":\"welcome\",\"group\":\"erp\",\"acked\":0}");
      client.credit(100);
      Got frame = client.await("reports");
      assertThat(frame.text()).startsWith("{\"type\":\"reports\",\"attempt\":1,\"reports\":[");
      assertThat(frame.reports()).extracting(Report::source).containsOnly("a1");
      client.ack(null, 10);
      awaitAcked(a, 10);
      assertThat(b.queue.acked()).isZero();
    }
  }

  @Test
  void anAcknowledgementThatDoesNotNameItsQueueHasNoEffectWhereThereAreSeveral() {
    add(a, "a1", 1, 10);
    try (StreamClient client = StreamClient.atAll(a, effects)) {
      client.credit(100);
      client.await("reports");
      client.ack(null, 5);
      assertThat(client.await("error").text()).contains("queue is missing");
      client.ack("nobody/1", 5);
      assertThat(client.await("error").text()).contains("no such queue");
      assertThat(a.queue.acked()).isZero();
    }
  }
}
