package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.jms.ConnectionFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.plenum.testkit.RestClient;

/**
 * The server, and with it its embedded broker, is killed while legacy systems produce. Rounds:
 * {@code -Dplenum.jms.kill.rounds}.
 */
@OnH2
class JmsKillIT {
  /** Messages of each producer in each round. */
  private static final int EACH = 600;

  private static final int ROUNDS = Integer.getInteger("plenum.jms.kill.rounds", 1);

  @Test
  void everyMessageThatTheBrokerAcknowledgedIsInItsGroupOnceAndInOrder(Installation installation)
      throws Exception {
    RestClient ada = installation.person("ada");
    ConnectionFactory connections = installation.broker();
    List<PersistentProducer> producers = new ArrayList<>();
    for (int perCommit : List.of(1, 1, 50)) {
      String group = Groups.create(ada, "PRIVATE");
      producers.add(
          new PersistentProducer(connections, group, "ada", perCommit, EACH * (ROUNDS + 1)));
    }
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      List<Future<?>> running = new ArrayList<>();
      producers.forEach(producer -> running.add(threads.submit(producer)));
      for (int round = 0; round < ROUNDS; round++) {
        awaitTotal(producers, EACH * (1 + 2 * round));
        assertThat(running).as("the kill is in mid-flow").noneMatch(Future::isDone);
        installation.server().kill();
        installation.server().restart();
      }
      for (Future<?> future : running) {
        future.get(2, TimeUnit.MINUTES);
      }
    }

    int unsure = producers.stream().mapToInt(PersistentProducer::sentAgain).sum();
    assertThat(unsure).as("messages whose send the kill cut off").isPositive();
    for (PersistentProducer producer : producers) {
      List<String> acknowledged = producer.acknowledged();
      System.out.printf(
          "JmsKillIT: %d acknowledged, %d sent again%n", acknowledged.size(), producer.sentAgain());
      await()
          .atMost(Duration.ofMinutes(1))
          .untilAsserted(
              () -> {
                List<JsonNode> history = Groups.history(ada, producer.group());
                assertThat(Groups.texts(history)).isEqualTo(acknowledged);
                assertThat(Groups.seqs(history))
                    .isEqualTo(LongStream.rangeClosed(1, history.size()).boxed().toList());
              });
    }
  }

  private static void awaitTotal(List<PersistentProducer> producers, int total) {
    await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(5))
        .until(() -> producers.stream().mapToInt(PersistentProducer::count).sum() >= total);
  }
}
