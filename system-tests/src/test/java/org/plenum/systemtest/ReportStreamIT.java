package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.Message;
import jakarta.jms.TextMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.plenum.testkit.RestClient;

/** What somebody else's processing server may rely on (RPT-3, RPT-4). */
@OnPostgres
class ReportStreamIT {
  private RestClient ada;
  private RestClient margaret;
  private String source;

  @BeforeEach
  void signIn(Installation installation) {
    ada = installation.person("ada");
    margaret = installation.person("margaret");
    source = "stream/" + UUID.randomUUID();
  }

  private void report(int from, int to) {
    List<Map<String, Object>> list = new ArrayList<>();
    for (int i = from; i <= to; i++) {
      list.add(Reported.report(source, "k" + i, "stream"));
    }
    ada.post("/reports", list).expect(200);
  }

  private static List<String> keys(int from, int to) {
    return IntStream.rangeClosed(from, to).mapToObj(i -> "k" + i).toList();
  }

  /**
   * Takes and acknowledges all until the key has come; the keys of this test's source, in order.
   */
  private List<String> drain(ProcessingServer server, String last) {
    List<String> keys = new ArrayList<>();
    server.credit(4_000);
    while (!keys.contains(last)) {
      JsonNode reports = server.await("reports").path("reports");
      for (JsonNode report : reports) {
        if (report.path("source").asText().equals(source)) {
          keys.add(report.path("businessKey").asText());
        }
      }
      server.ack(reports.path(reports.size() - 1).path("sequence").asLong());
      server.credit(reports.size());
    }
    return keys;
  }

  @Test
  void aProcessingServerThatWasAwayGetsWhatCameMeanwhileInOrder(Installation installation) {
    report(0, 0);
    List<String> got = new ArrayList<>();
    try (ProcessingServer server = ProcessingServer.connect(margaret, "erp")) {
      server.await("welcome");
      got.addAll(drain(server, "k0"));
      report(1, 100);
      List<String> unacknowledged = new ArrayList<>();
      while (unacknowledged.size() < 100) {
        for (JsonNode report : server.await("reports").path("reports")) {
          unacknowledged.add(report.path("businessKey").asText());
          if (unacknowledged.size() == 40) {
            server.ack(report.path("sequence").asLong());
            got.addAll(unacknowledged);
          }
        }
      }
      assertThat(unacknowledged).isEqualTo(keys(1, 100));
      await().atMost(Duration.ofSeconds(20)).until(() -> Reported.lag(ada, "erp") <= 60);
      server.abort();
    }
    report(101, 200);
    installation.server().kill();
    installation.server().restart();
    report(201, 300);
    try (ProcessingServer server = ProcessingServer.connect(margaret, "erp")) {
      got.addAll(drain(server, "k300"));
    }
    Set<String> distinct = new LinkedHashSet<>(got);
    assertThat(List.copyOf(distinct)).as("all, in order").isEqualTo(keys(0, 300));
    assertThat(got.size() - distinct.size())
        .as("repeated: only what the kill kept from being noted")
        .isLessThanOrEqualTo(40);
    await().atMost(Duration.ofSeconds(20)).until(() -> Reported.lag(ada, "erp") == 0);
  }

  @Test
  void nothingIsSentBeyondTheCredit() throws Exception {
    report(0, 0);
    try (ProcessingServer server = ProcessingServer.connect(margaret, "erp")) {
      drain(server, "k0");
    }
    try (ProcessingServer server = ProcessingServer.connect(margaret, "erp")) {
      server.await("welcome");
      report(1, 20);
      assertThat(server.isSilent(Duration.ofMillis(500))).isTrue();
      server.credit(7);
      List<String> got = new ArrayList<>();
      while (got.size() < 7) {
        server
            .await("reports")
            .path("reports")
            .forEach(it -> got.add(it.path("businessKey").asText()));
      }
      assertThat(got).isEqualTo(keys(1, 7));
      assertThat(server.isSilent(Duration.ofMillis(500))).isTrue();
      server.send("{\"type\":\"ping\"}");
      server.await("pong");
      server.send("{\"type\":\"ack\",\"sequence\":999999999}");
      assertThat(server.await("error").path("code").asText()).isEqualTo("INVALID_VALUE");
      server.send("no json");
      assertThat(server.await("error").path("code").asText()).isEqualTo("MALFORMED_REQUEST");
    }
    try (ProcessingServer server = ProcessingServer.connect(margaret, "erp")) {
      assertThat(drain(server, "k20"))
          .as("what was not acknowledged comes again")
          .isEqualTo(keys(1, 20));
    }
  }

  @Test
  void aRejectedReportComesAgainThenIsADeadLetterThatIsReplayed() {
    report(0, 0);
    try (ProcessingServer server = ProcessingServer.connect(margaret, "erp")) {
      drain(server, "k0");
      report(1, 3);
      int rejected = 0;
      List<String> done = new ArrayList<>();
      while (done.size() < 2) {
        JsonNode frame = server.await("reports");
        for (JsonNode report : frame.path("reports")) {
          String key = report.path("businessKey").asText();
          long sequence = report.path("sequence").asLong();
          if (key.equals("k2")) {
            rejected++;
            assertThat(frame.path("reports").path(0).path("businessKey").asText())
                .as("what was refused comes at the head")
                .isIn("k1", "k2");
            server.reject(sequence);
            // What was on its way before is dropped: it comes again.
            assertThat(server.await("rejected").path("sequence").asLong()).isEqualTo(sequence);
            break;
          }
          done.add(key);
          server.ack(sequence);
          server.credit(1);
        }
      }
      assertThat(done).containsExactly("k1", "k3");
      assertThat(rejected).isEqualTo(5);

      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(
              () ->
                  assertThat(ada.get("/reports/dead-letters").expect(200).text()).contains(source));
      JsonNode letter = letter("k2");
      assertThat(letter.path("group").asText()).isEqualTo("erp");
      assertThat(letter.path("reason").asText()).isEqualTo("not today");
      String path = "/reports/dead-letters/" + letter.path("id").asLong();
      ada.post(path + "/replay", null).expect(204);
      assertThat(drain(server, "k2")).containsExactly("k2");
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(
              () ->
                  assertThat(ada.get("/reports/dead-letters").expect(200).text())
                      .doesNotContain(source));
    }
    Reported.awaitDrained(ada);
    assertThat(Reported.keys(ada, source)).as("the database has it once").isEqualTo(keys(0, 3));
  }

  private JsonNode letter(String key) {
    for (JsonNode letter : ada.get("/reports/dead-letters").expect(200).body().path("items")) {
      if (letter.path("source").asText().equals(source)
          && letter.path("businessKey").asText().equals(key)) {
        return letter;
      }
    }
    throw new AssertionError("no letter of " + key);
  }

  @Test
  void theNewestProcessingServerOfAGroupTakesTheOthersPlace() {
    try (ProcessingServer first = ProcessingServer.connect(margaret, "audit")) {
      first.await("welcome");
      first.credit(10);
      try (ProcessingServer second = ProcessingServer.connect(ada, "audit")) {
        second.await("welcome");
        assertThat(first.await("bye").path("code").asText()).isEqualTo("FEED_REPLACED");
      }
    }
  }

  @Test
  void onlyWhoIsConfiguredTakesAStreamAndOnlyOfAConfiguredGroup(Installation installation) {
    assertThatThrownBy(() -> ProcessingServer.connect(installation.person("grace"), "erp").close())
        .hasRootCauseMessage("Unexpected HTTP response status code 403");
    assertThatThrownBy(() -> ProcessingServer.connect(margaret, "nobody").close())
        .hasRootCauseMessage("Unexpected HTTP response status code 404");
    assertThat(margaret.get("/reports/stream?group=erp").status()).isEqualTo(426);
  }

  @Test
  void aDurableSubscriptionGetsWhatCameWhileItWasAway(Installation installation) throws Exception {
    String client = "erp-" + UUID.randomUUID();
    Map<String, String> got = new LinkedHashMap<>();
    subscribe(installation, client, 0, got);
    report(1, 50);
    subscribe(installation, client, 50, got);
    report(51, 100);
    await().atMost(Duration.ofSeconds(30)).until(() -> Reported.lag(ada, "topic") == 0);
    subscribe(installation, client, 100, got);
    assertThat(List.copyOf(got.values())).isEqualTo(keys(1, 100));
  }

  /** Connects, takes until it has that many of this test's source, and goes. */
  private void subscribe(
      Installation installation, String client, int enough, Map<String, String> got)
      throws Exception {
    try (JMSContext context = installation.broker().createContext("guest", "guest")) {
      context.setClientID(client);
      JMSConsumer consumer =
          context.createDurableConsumer(
              context.createTopic("PlenumReportTopic"), "reports", "kind = 'stream'", false);
      while (got.size() < enough) {
        Message message = consumer.receive(30_000);
        assertThat(message).isInstanceOf(TextMessage.class);
        JsonNode report = RestClient.json(((TextMessage) message).getText());
        assertThat(message.getStringProperty("reportId")).isEqualTo(report.path("id").asText());
        if (report.path("source").asText().equals(source)) {
          got.putIfAbsent(report.path("id").asText(), report.path("businessKey").asText());
        }
      }
    }
  }
}
