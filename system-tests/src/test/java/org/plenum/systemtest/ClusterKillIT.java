package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.plenum.testkit.ClusterServers;

/**
 * Four processes are killed in each round, and nothing of them is started before the fourth is
 * dead: the node that leads, whose pause is measured, the broker, and two of HAProxy, the primary
 * and its replica. So 50 rounds ({@code -Dplenum.cluster.rounds=50}) are 200 kills and 50 pauses.
 */
class ClusterKillIT extends ClusterFaults {
  /** After so many rounds everything is compared, and another group begins. */
  private static final int BLOCK = 10;

  @Test
  void whateverIsKilledTogetherNothingAcknowledgedIsLost() throws Exception {
    List<Duration> pauses = new ArrayList<>();
    for (int done = 0; done < ROUNDS; done += BLOCK) {
      int from = done;
      whilePeopleChat(
          (posters, random) -> {
            for (int round = from; round < Math.min(from + BLOCK, ROUNDS); round++) {
              pauses.add(killFour(round, posters, random));
            }
          });
    }
    Collections.sort(pauses);
    System.out.printf(
        "ClusterKillIT: %d kills; pauses of posters when the leader died: p50 %d ms, longest %d ms of %d%n",
        4 * pauses.size(),
        pauses.get(pauses.size() / 2).toMillis(),
        pauses.getLast().toMillis(),
        pauses.size());
  }

  /** Returns the longest wait of a poster when the leader died. */
  private static Duration killFour(int round, PersistentPosters posters, Random random) {
    posters.awaitMore(50 + random.nextInt(150));
    posters.takeLongest();
    posters.takeFailures(true);
    posters.takeFailures(false);
    String leader = cluster.leader();
    boolean alsoApplier = cluster.applier().equals(leader);
    long start = System.nanoTime();
    ClusterServers.kill(cluster.node(leader));
    awaitOther(leader);
    long led = millisSince(start);
    posters.awaitEachOneMore();
    Duration pause = posters.takeLongest();
    assertThat(pause).as("pause when %s died", leader).isLessThan(FAILOVER.multipliedBy(2));

    ClusterServers.kill(cluster.broker());
    posters.awaitEachOneMore();
    posters.awaitMore(20);
    assertThat(posters.takeFailures(false))
        .as("what callers over REST were answered while leader and broker died")
        .isEmpty();

    Map<String, ProcessHandle> parts =
        Map.of(
            "HAProxy", cluster.haproxy(),
            "primary", cluster.primary(),
            "replica", cluster.replica());
    List<String> names = new ArrayList<>(List.of("HAProxy", "primary", "replica"));
    Collections.shuffle(names, random);
    List<String> two = names.subList(0, 2);
    two.forEach(name -> ClusterServers.kill(parts.get(name)));
    long killed = System.nanoTime();
    startWhatWasKilled();
    posters.awaitEachOneMore();
    System.out.printf(
        "ClusterKillIT: round %d: %s%s killed, another led after %d ms, pause %d ms; broker, %s killed, all back after %d ms%n",
        round,
        leader,
        alsoApplier ? " (applier)" : "",
        led,
        pause.toMillis(),
        String.join(", ", two),
        millisSince(killed));
    return pause;
  }
}
