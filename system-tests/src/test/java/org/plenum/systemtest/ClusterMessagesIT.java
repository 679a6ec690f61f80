package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.plenum.testkit.ChatSocket;
import org.plenum.testkit.ClusterServers;
import org.plenum.testkit.RestClient;

/**
 * Update messages between the nodes are doubled, reordered, damaged, late and dropped, on the real
 * broker and by its own means, while people post: they are a hint, and the log is the truth. Seed:
 * {@code -Dplenum.seed}.
 */
class ClusterMessagesIT extends ClusterFaults {
  private static final Pattern WAITING =
      Pattern.compile("Current Number of Messages\\s+Actual\\s+(\\d+)");
  private static final Pattern CONNECTION =
      Pattern.compile("(?m)^(\\d{10,})\\s+(\\S+)\\s+jms\\s+(\\d+)\\s+(\\d+)\\s");
  private static final String RECEIVED = "update_topic_messages_received_total";
  private static final String REFUSED = "update_topic_refused_total";
  private static final String CATCH_UPS = "update_catch_ups";
  private static final int DROPS = 3;

  @Test
  void doubledDisorderedDamagedLateAndDroppedMessagesAreSeenByNobody() throws Exception {
    long seed = Long.getLong("plenum.seed", System.nanoTime());
    System.out.println("ClusterMessagesIT: plenum.seed=" + seed);
    List<RestClient> people = Stream.of("ada", "grace", "alan").map(OnCluster::person).toList();
    String group =
        Groups.create(people.get(0), "PUBLIC", people.subList(1, 3).toArray(RestClient[]::new));
    try (PersistentPosters posters =
            new PersistentPosters(group, people, seed, ClusterFaults.PACE);
        Wanderers wanderers = wanderers(group, people, seed);
        TopicMeddler meddler = new TopicMeddler(cluster.connections(), seed)) {
      List<ChatSocket> sockets = new ArrayList<>();
      try {
        for (String node : cluster.nodes()) {
          sockets.add(ChatSocket.open(at(node, people.get(2)), Map.of(group, 0L)));
        }
        disturb(posters, meddler, new Random(seed));
        check(group, people, posters, wanderers);
        long head = posters.all().getLast().seq();
        for (ChatSocket socket : sockets) {
          socket.awaitEntry(group, entry -> entry.path("seq").asLong() == head);
          assertThat(Groups.seqs(socket.entries(group)))
              .as("what a socket was sent, in its order")
              .isEqualTo(LongStream.rangeClosed(1, head).boxed().toList());
        }
      } finally {
        sockets.forEach(ChatSocket::abort);
      }
      System.out.println(
          "ClusterMessagesIT: "
              + meddler.captured()
              + " messages captured, "
              + meddler.published()
              + " published again, "
              + meddler.damaged()
              + " of them damaged");
    }
  }

  private static void disturb(PersistentPosters posters, TopicMeddler meddler, Random random) {
    posters.awaitMore(50);
    List<Double> received = metric(RECEIVED);
    List<Double> refused = metric(REFUSED);
    posters.takeFailures(false);
    meddler.awaitMore(300);
    posters.awaitEachOneMore();
    // A node takes what the meddler sends: the leader too, which nobody else sends anything.
    assertGrown(RECEIVED, received, 100);
    assertGrown(REFUSED, refused, 1);

    List<Double> catchUps = metric(CATCH_UPS);
    int dropped = 0;
    for (int i = 0; i < DROPS; i++) {
      dropped += drop(posters, 50 + random.nextInt(100));
      meddler.awaitMore(50);
    }
    System.out.println("ClusterMessagesIT: " + dropped + " messages dropped at the broker");
    assertThat(dropped).isGreaterThan(DROPS);
    cutSubscriptions(posters, meddler);
    int follower = cluster.nodes().indexOf(cluster.follower());
    assertThat(metric(CATCH_UPS).get(follower))
        .as("gaps of the node that does not lead, filled from the log")
        .isGreaterThan(catchUps.get(follower));

    // The broker does not answer, and then is killed with all that it held.
    cluster.signal("STOP", cluster.broker());
    posters.awaitEachOneMore();
    posters.awaitMore(200);
    ClusterServers.kill(cluster.broker());
    posters.awaitMore(50);
    cluster.up();
    meddler.awaitMore(100);
    posters.awaitEachOneMore();
    assertThat(posters.takeFailures(false)).as("what callers over REST were answered").isEmpty();
    assertThat(posters.takeFailures(true)).as("what callers over sockets met").isEmpty();
  }

  /** The broker keeps everything back for a while and then throws it away. */
  private static int drop(PersistentPosters posters, int posts) {
    cluster.imqcmd("pause", "dst", "-t", "t", "-n", TopicMeddler.TOPIC, "-pst", "CONSUMERS");
    posters.awaitMore(posts);
    String state = cluster.imqcmd("query", "dst", "-t", "t", "-n", TopicMeddler.TOPIC);
    cluster.imqcmd("purge", "dst", "-t", "t", "-n", TopicMeddler.TOPIC);
    cluster.imqcmd("resume", "dst", "-t", "t", "-n", TopicMeddler.TOPIC);
    Matcher waiting = WAITING.matcher(state);
    assertThat(waiting.find()).as(state).isTrue();
    return Integer.parseInt(waiting.group(1));
  }

  /**
   * The broker ends the nodes' connections: until they are back, what is published is lost for them
   * and captured by the meddler, who then sends it late and in another order.
   */
  private static void cutSubscriptions(PersistentPosters posters, TopicMeddler meddler) {
    String list = cluster.imqcmd("list", "cxn");
    int cut = 0;
    for (Matcher each = CONNECTION.matcher(list); each.find(); ) {
      if (!each.group(2).equals(TopicMeddler.USER) && Integer.parseInt(each.group(4)) > 0) {
        cluster.imqcmd("destroy", "cxn", "-n", each.group(1));
        cut++;
      }
    }
    assertThat(cut).as(list).isPositive();
    meddler.awaitMore(50);
    posters.awaitEachOneMore();
    List<Double> received = metric(RECEIVED);
    await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> assertGrown(RECEIVED, received, 50));
    System.out.println("ClusterMessagesIT: " + cut + " connections cut, and back");
  }

  private static List<Double> metric(String name) {
    return cluster.nodes().stream().map(node -> Metrics.in(cluster.metrics(node), name)).toList();
  }

  private static void assertGrown(String name, List<Double> before, double by) {
    List<Double> now = metric(name);
    for (int i = 0; i < now.size(); i++) {
      assertThat(now.get(i) - before.get(i))
          .as(name + " of " + cluster.nodes().get(i))
          .isGreaterThanOrEqualTo(by);
    }
  }
}
