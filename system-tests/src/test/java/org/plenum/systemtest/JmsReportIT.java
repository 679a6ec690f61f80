package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.plenum.testkit.LegacySystem;
import org.plenum.testkit.RestClient;

/** What a legacy system may rely on that puts reports on the report queue. */
@OnPostgres
class JmsReportIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private RestClient ada;
  private String source;

  @BeforeEach
  void signIn(Installation installation) {
    ada = installation.person("ada");
    source = "jms/" + UUID.randomUUID();
  }

  private static String json(String source, String key) {
    return RestClient.text(Reported.report(source, key, "stock"));
  }

  @Test
  void eachReportHasOneEffectThoughItsMessageIsSentThreeTimes(Installation installation) {
    List<String> keys = IntStream.range(0, 400).mapToObj(i -> "order-" + i).toList();
    try (LegacySystem erp =
        LegacySystem.connectTransacted(installation.broker(), LegacySystem.REPORTS)) {
      for (int round = 0; round < 3; round++) {
        for (String key : keys) {
          erp.send(erp.text(json(source, key)));
        }
        erp.commit();
      }
      erp.send(erp.text(json(source, "last")));
      erp.commit();
    }
    await().atMost(PATIENCE).until(() -> Reported.keys(ada, source).contains("last"));
    List<String> expected = new ArrayList<>(keys);
    expected.add("last");
    assertThat(Reported.keys(ada, source)).isEqualTo(expected);
    JsonNode stored = Reported.stored(ada, source).getFirst();
    assertThat(stored.path("receivedVia").asText()).isEqualTo("JMS");
  }

  @Test
  void whatIsNoReportIsADeadLetterAndWhatFollowsGoesOn(Installation installation)
      throws JMSException {
    List<String> poison = new ArrayList<>();
    try (LegacySystem erp = LegacySystem.connect(installation.broker(), LegacySystem.REPORTS)) {
      erp.send(erp.text(json(source, "first")));
      poison.add(erp.send(erp.text("no json at all")));
      poison.add(erp.send(erp.text("{\"version\":1,\"kind\":\"stock\",\"colour\":\"red\"}")));
      poison.add(erp.send(erp.message(context -> context.createObjectMessage("x"))));
      poison.add(erp.send(erp.text("{\"kind\":\"a\",\"body\":\"" + "x".repeat(200_000) + "\"}")));
      erp.send(erp.text(json(source, "last")));
      JsonNode answer =
          RestClient.json(erp.ask(erp.text(json(source, "asked")), PATIENCE).getText());
      assertThat(answer.path("accepted").asBoolean()).isTrue();
      assertThat(answer.path("businessKey").asText()).isEqualTo("asked");
      JsonNode refusal = RestClient.json(erp.ask(erp.text("{}"), PATIENCE).getText());
      assertThat(refusal.path("code").asText()).isEqualTo("INVALID_VALUE");
    }
    Reported.awaitStored(ada, source, 3);
    assertThat(Reported.keys(ada, source)).containsExactly("first", "last", "asked");
    Map<String, JsonNode> letters = letters();
    assertThat(letters.keySet()).containsAll(poison);
    assertThat(poison.stream().map(letters::get).map(it -> it.path("code").asText()))
        .containsExactly(
            "MALFORMED_REQUEST", "INVALID_VALUE", "UNSUPPORTED_MEDIA_TYPE", "PAYLOAD_TOO_LARGE");
    for (String id : poison) {
      JsonNode letter = letters.get(id);
      assertThat(letter.path("queue").asText()).isEqualTo("REPORTS");
      String path = "/dead-letters/" + letter.path("id").asLong();
      assertThat(ada.post(path + "/replay", null).status()).isIn(400, 413, 415);
      assertThat(ada.post(path + "/discard", null).expect(200).body().path("status").asText())
          .isEqualTo("DISCARDED");
    }
  }

  private Map<String, JsonNode> letters() {
    Map<String, JsonNode> letters = new HashMap<>();
    ada.get("/dead-letters?limit=200")
        .expect(200)
        .body()
        .path("items")
        .forEach(letter -> letters.put(letter.path("messageId").asText(), letter));
    return letters;
  }

  @Test
  void whatTheBrokerAcknowledgedIsProcessedOnceAndInOrderThoughTheServerIsKilled(
      Installation installation) throws Exception {
    Producer producer = new Producer(installation.broker(), source, 3_000, 20);
    try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
      Future<?> running = threads.submit(producer);
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(5))
          .until(() -> producer.sent.get() > 600);
      assertThat(running.isDone()).as("the kill is in mid-flow").isFalse();
      installation.server().kill();
      installation.server().restart();
      running.get(2, TimeUnit.MINUTES);
    }
    Reported.awaitStored(ada, source, 3_000);
    Reported.awaitDrained(ada);
    assertThat(Reported.keys(ada, source))
        .isEqualTo(IntStream.range(0, 3_000).mapToObj(i -> "k" + i).toList());
  }

  /** Sends transaction after transaction, each until its commit returned. */
  private static final class Producer implements Runnable {
    private final ConnectionFactory connections;
    private final String source;
    private final int total;
    private final int perCommit;
    private final AtomicInteger sent = new AtomicInteger();

    Producer(ConnectionFactory connections, String source, int total, int perCommit) {
      this.connections = connections;
      this.source = source;
      this.total = total;
      this.perCommit = perCommit;
    }

    @Override
    public void run() {
      while (sent.get() < total) {
        try (LegacySystem erp = LegacySystem.connectTransacted(connections, LegacySystem.REPORTS)) {
          while (sent.get() < total) {
            for (int i = sent.get(); i < sent.get() + perCommit; i++) {
              erp.send(erp.text(json(source, "k" + i)));
            }
            erp.commit();
            sent.addAndGet(perCommit);
          }
        } catch (JMSRuntimeException | IllegalStateException e) {
          // Killed in mid-flow: the outcome of the last commit is unknown, so it is sent again.
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
        }
      }
    }
  }
}
