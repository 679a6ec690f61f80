package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.plenum.testkit.ChatSocket;
import org.plenum.testkit.RestClient;

/** What a program may rely on that hands reports in over HTTP. */
@OnPostgres
class ReportIntakeIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private RestClient ada;
  private RestClient grace;
  private String source;

  @BeforeEach
  void signIn(Installation installation) {
    ada = installation.person("ada");
    grace = installation.person("grace");
    source = "test/" + UUID.randomUUID();
  }

  @Test
  void aReportIsAnsweredWhenItIsDurableAndThenStoredAsItWasWritten() {
    Map<String, Object> report = Reported.report(source, "K-1", "stock");
    report.put("user", "grace");
    report.put("device", "scanner \u00eb");
    report.put("occurredAt", "2026-11-24T12:00:00+01:00");
    JsonNode receipt = ada.post("/reports", report).expect(202).body();

    assertThat(receipt.path("accepted").asBoolean()).isTrue();
    assertThat(receipt.path("businessKey").asText()).isEqualTo("K-1");
    Reported.awaitStored(ada, source, 1);
    JsonNode stored = Reported.stored(ada, source).getFirst();
    assertThat(stored.path("id").asText()).isEqualTo(receipt.path("id").asText());
    assertThat(stored.path("user").asText()).isEqualTo("grace");
    assertThat(stored.path("device").asText()).isEqualTo("scanner \u00eb");
    assertThat(stored.path("occurredAt").asText()).isEqualTo("2026-11-24T11:00:00.000Z");
    assertThat(stored.path("receivedVia").asText()).isEqualTo("REST");
    assertThat(RestClient.json(stored.path("body").asText()))
        .isEqualTo(RestClient.json("{\"key\":\"K-1\"}"));
  }

  private static Path owner(Installation installation) {
    return installation.server().domain().resolve("plenum/reports/owner");
  }

  /** As on shared storage whose locks do not hold: the epoch is raised under a node that lives. */
  private static void takeOver(Path owner) throws IOException {
    long epoch = ByteBuffer.wrap(Files.readAllBytes(owner)).getLong(4);
    ByteBuffer raised = ByteBuffer.allocate(256);
    raised.putInt(0).putLong(epoch + 1).putLong(0).put((byte) 1);
    raised.put("another".getBytes(StandardCharsets.UTF_8));
    CRC32C sum = new CRC32C();
    sum.update(raised.slice(4, 252));
    raised.putInt(0, (int) sum.getValue());
    Path draft = Files.write(owner.resolveSibling("owner-test.new"), raised.array());
    Files.move(draft, owner, StandardCopyOption.ATOMIC_MOVE);
  }

  @Test
  void aQueueWhoseJournalWasTakenOverSaysSoAndIsOpenedAgain(Installation installation)
      throws Exception {
    ada.post("/reports", Reported.report(source, "K-1", "stock")).expect(202);
    takeOver(owner(installation));
    Map<String, Object> second = Reported.report(source, "K-2", "stock");
    assertThat(ada.post("/reports", second).expect(503).text())
        .contains("REPORTS_UNAVAILABLE")
        .contains("another");
    await().atMost(PATIENCE).until(() -> ada.post("/reports", second).status() == 202);
    Reported.awaitDrained(ada);
    assertThat(Reported.keys(ada, source)).containsExactly("K-1", "K-2");
  }

  @Test
  void aStopInOrderGivesTheJournalBack(Installation installation) throws Exception {
    ada.post("/reports", Reported.report(source, "K-1", "stock")).expect(202);
    installation.server().stop();
    try {
      assertThat(Files.readAllBytes(owner(installation))[20]).as("released").isEqualTo((byte) 1);
    } finally {
      installation.server().restart();
    }
    ada.post("/reports", Reported.report(source, "K-2", "stock")).expect(202);
    Reported.awaitDrained(ada);
    assertThat(Reported.keys(ada, source)).containsExactly("K-1", "K-2");
  }

  @Test
  void eachReportOfAListIsTakenOrRefusedForItselfAndTheOrderIsKept() {
    List<Object> list = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      list.add(Reported.report(source, "K-" + i, "stock"));
    }
    list.add(10, Map.of("kind", 7));
    list.add(20, "no object");
    list.add(30, Reported.report(source, "x".repeat(201), "stock"));
    JsonNode items = ada.post("/reports", list).expect(200).body().path("items");

    assertThat(items).hasSize(53);
    for (int i = 0; i < 53; i++) {
      boolean bad = i == 10 || i == 20 || i == 30;
      assertThat(items.path(i).path("accepted").asBoolean()).as("%d", i).isEqualTo(!bad);
      assertThat(items.path(i).path("code").asText())
          .as("%d", i)
          .isEqualTo(bad ? "INVALID_VALUE" : "null");
    }
    Reported.awaitStored(ada, source, 50);
    assertThat(Reported.keys(ada, source))
        .isEqualTo(IntStream.range(0, 50).mapToObj(i -> "K-" + i).toList());
  }

  @Test
  void aListHoldsAThousandReportsOfAKilobyteEach() {
    List<Object> list = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      Map<String, Object> report = Reported.report(source, "K-" + i, "stock");
      report.put("body", Map.of("text", "x".repeat(1_024)));
      list.add(report);
    }
    JsonNode items = ada.post("/reports", list).expect(200).body().path("items");

    assertThat(items).hasSize(1_000).allMatch(item -> item.path("accepted").asBoolean());
    Reported.awaitStored(ada, source, 1_000);
    assertThat(Reported.keys(ada, source))
        .isEqualTo(IntStream.range(0, 1_000).mapToObj(i -> "K-" + i).toList());
  }

  @Test
  void aReportThatComesAgainHasNoSecondEffect() {
    for (int i = 0; i < 3; i++) {
      ada.post("/reports", Reported.report(source, "same", "stock")).expect(202);
    }
    ada.post("/reports", Reported.report(source, "last", "stock")).expect(202);
    Reported.awaitStored(ada, source, 2);

    assertThat(Reported.keys(ada, source)).containsExactly("same", "last");
    JsonNode sums = ada.get("/reports/summaries?hours=2").expect(200).body().path("items");
    long counted = 0;
    for (JsonNode sum : sums) {
      if (sum.path("source").asText().equals(source)) {
        counted += sum.path("reports").asLong();
      }
    }
    assertThat(counted).isEqualTo(2);
  }

  @Test
  void theIdempotencyKeyNamesAReportThatHasNoNameOfItsOwn() {
    UUID key = UUID.randomUUID();
    for (int i = 0; i < 2; i++) {
      JsonNode receipt =
          grace
              .send(
                  "POST",
                  "/reports",
                  Map.of("kind", "note"),
                  Map.of("Idempotency-Key", key.toString()))
              .expect(202)
              .body();
      assertThat(receipt.path("businessKey").asText()).isEqualTo(key.toString());
      assertThat(receipt.path("source").asText()).isEqualTo("account/grace");
    }
    await()
        .atMost(PATIENCE)
        .until(() -> Reported.keys(ada, "account/grace").contains(key.toString()));
    assertThat(Reported.keys(ada, "account/grace")).containsOnlyOnce(key.toString());
  }

  @Test
  void anAccountReportsAsItselfAndAnAdministratorForAnybody() {
    assertThat(grace.post("/reports", Reported.report(source, "K", "stock")).expect(403).code())
        .isEqualTo("FORBIDDEN");
    assertThat(grace.post("/reports", Map.of("kind", "state", "user", "ada")).expect(403).code())
        .isEqualTo("FORBIDDEN");
    JsonNode items =
        grace
            .post(
                "/reports", List.of(Map.of("kind", "note"), Reported.report(source, "K", "stock")))
            .expect(200)
            .body()
            .path("items");
    assertThat(items.path(0).path("accepted").asBoolean()).isTrue();
    assertThat(items.path(1).path("code").asText()).isEqualTo("FORBIDDEN");
  }

  @Test
  void aConfirmedStateIsSeenByOthersUntilItExpires() {
    String device = "phone-" + UUID.randomUUID();
    grace
        .post(
            "/reports",
            Map.of(
                "kind", "state", "device", device, "body", Map.of("state", "online", "seconds", 3)))
        .expect(202);
    await().atMost(PATIENCE).until(() -> presence("grace").equals("online"));
    JsonNode state =
        ada.get("/reports/states?limit=200").expect(200).body().path("items").findParent("device");
    assertThat(state).isNotNull();
    await().atMost(PATIENCE).until(() -> presence("grace").isEmpty());
  }

  private String presence(String user) {
    JsonNode presence =
        ada.get("/presence?users=nobody," + user + "&accounts=999999," + grace.id())
            .expect(200)
            .body();
    String state = presence.path("users").path(user).asText();
    assertThat(presence.path("accounts").path(Long.toString(grace.id())).asText()).isEqualTo(state);
    return state;
  }

  @Test
  void aChatClientReportsOverItsSocket() throws Exception {
    UUID id = UUID.randomUUID();
    try (ChatSocket socket = ChatSocket.open(grace)) {
      Map<String, Object> report = Map.of("kind", "note", "body", Map.of("n", 1));
      for (int i = 0; i < 2; i++) {
        JsonNode ack =
            socket
                .request(Map.of("type", "report", "report", report), id)
                .get(20, TimeUnit.SECONDS);
        assertThat(ack.path("type").asText()).as(ack.toString()).isEqualTo("ack");
        assertThat(ack.path("report").asText()).hasSize(36);
      }
      JsonNode refused =
          socket
              .request(
                  Map.of("type", "report", "report", Map.of("kind", "note", "source", "other")),
                  UUID.randomUUID())
              .get(20, TimeUnit.SECONDS);
      assertThat(refused.path("code").asText()).isEqualTo("FORBIDDEN");
    }
    await()
        .atMost(PATIENCE)
        .until(() -> Reported.keys(ada, "account/grace").contains(id.toString()));
    assertThat(Reported.keys(ada, "account/grace")).containsOnlyOnce(id.toString());
  }

  @Test
  void aDeliveryIsConfirmedToMembersOnly(Installation installation) {
    String group = Groups.create(ada, "PRIVATE", grace);
    grace
        .post("/reports", Map.of("kind", "delivery", "body", Map.of("group", group, "seq", 2)))
        .expect(202);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(
                        ada.get("/groups/" + group + "/deliveries")
                            .expect(200)
                            .body()
                            .path("items")
                            .path(0)
                            .path("seq")
                            .asLong())
                    .isEqualTo(2));
    assertThat(
            installation.person("alan").get("/groups/" + group + "/deliveries").expect(403).code())
        .isEqualTo("NOT_A_MEMBER");
  }

  @Test
  void whatCannotBeReadIsRefusedWithItsReason() {
    assertThat(bytes("{\"kind\":").expect(400).code()).isEqualTo("MALFORMED_REQUEST");
    assertThat(bytes("[{\"kind\":\"a\"},").expect(400).code()).isEqualTo("MALFORMED_REQUEST");
    assertThat(bytes("").expect(400).code()).isIn("MALFORMED_REQUEST", "INVALID_VALUE");
    assertThat(bytes("{\"kind\":\"state\",\"body\":{\"state\":\"asleep\"}}").expect(400).code())
        .isEqualTo("INVALID_VALUE");
    assertThat(
            bytes("{\"kind\":\"a\",\"body\":{\"x\":\"" + "y".repeat(70_000) + "\"}}")
                .expect(413)
                .code())
        .isEqualTo("PAYLOAD_TOO_LARGE");
    assertThat(bytes(" ".repeat(2_200_000) + "[]").expect(413).code())
        .isEqualTo("PAYLOAD_TOO_LARGE");
    assertThat(bytes("[" + "1,".repeat(1_000) + "1]").expect(413).code())
        .isEqualTo("PAYLOAD_TOO_LARGE");
  }

  private RestClient.Reply bytes(String body) {
    return ada.sendBytes(
        "POST", "/reports", body.getBytes(StandardCharsets.UTF_8), "application/json", Map.of());
  }

  @Test
  void theQueueIsForAdministratorsToSee() {
    JsonNode status = ada.get("/reports/status").expect(200).body();
    assertThat(status.path("enabled").asBoolean()).isTrue();
    assertThat(status.path("journal").path("failing").isNull()).isTrue();
    assertThat(status.path("groups").findValuesAsText("name")).contains("processing");
    for (String path :
        List.of(
            "/reports/status",
            "/reports/summaries",
            "/reports/states",
            "/reports/dead-letters",
            "/reports/xmpp-letters",
            "/reports")) {
      assertThat(grace.get(path).expect(403).code()).as(path).isEqualTo("FORBIDDEN");
    }
    assertThat(ada.post("/reports/dead-letters/999/replay", null).expect(404).code())
        .isEqualTo("NOT_FOUND");
    assertThat(ada.get("/reports/xmpp-letters").expect(200).body().path("items")).isEmpty();
    assertThat(ada.post("/reports/xmpp-letters/999/discard", null).expect(404).code())
        .isEqualTo("NOT_FOUND");
    assertThat(grace.post("/reports/xmpp-letters/999/discard", null).expect(403).code())
        .isEqualTo("FORBIDDEN");
    assertThat(ada.send("DELETE", "/reports/groups/processing", null, Map.of()).expect(403).code())
        .isEqualTo("FORBIDDEN");
    assertThat(ada.send("DELETE", "/reports/groups/nobody", null, Map.of()).expect(404).code())
        .isEqualTo("NOT_FOUND");
  }

  @Test
  void anAccountIsKeptWithinItsRateAndAnAdministratorIsNot(Installation installation) {
    RestClient linus = installation.person("linus");
    List<Map<String, String>> many = Collections.nCopies(600, Map.of("kind", "note"));
    linus.post("/reports", many).expect(200);
    RestClient.Reply refused = linus.post("/reports", many).expect(429);
    assertThat(refused.code()).isEqualTo("RATE_LIMITED");
    assertThat(refused.headers().firstValue("Retry-After")).isPresent();
    for (int i = 0; i < 3; i++) {
      ada.post("/reports", many).expect(200);
    }
  }
}
