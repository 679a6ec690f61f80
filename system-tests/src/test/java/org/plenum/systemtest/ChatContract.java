package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.plenum.testkit.ChatSocket;
import org.plenum.testkit.RestClient;

/** What two people who chat may rely on, whatever the database. */
abstract class ChatContract {
  private RestClient ada;
  private RestClient grace;

  @BeforeEach
  void signIn(Installation installation) {
    ada = installation.person("ada");
    grace = installation.person("grace");
  }

  @Test
  void whatOnePersonPostsReachesTheOtherLive() throws Exception {
    String group = Groups.create(ada, "PUBLIC", grace);
    try (ChatSocket hers = ChatSocket.open(ada);
        ChatSocket theirs = ChatSocket.open(grace)) {
      JsonNode ack = hers.post(group, "hello").get(20, TimeUnit.SECONDS);

      assertThat(ack.path("type").asText()).isEqualTo("ack");
      JsonNode entry = theirs.awaitEntry(group, e -> e.path("text").asText().equals("hello"));
      assertThat(entry.path("seq").asLong()).isEqualTo(ack.path("seq").asLong());
      assertThat(entry.path("by").path("id").asLong()).isEqualTo(ada.id());
      JsonNode answer = Groups.post(grace, group, "hello back");
      JsonNode back = hers.awaitEntry(group, e -> e.path("text").asText().equals("hello back"));
      assertThat(back.path("seq").asLong()).isEqualTo(answer.path("seq").asLong());
    }
  }

  @Test
  void theSameClientIdAgainIsAnsweredAsTheFirstTime() throws Exception {
    String group = Groups.create(ada, "PUBLIC", grace);
    UUID id = UUID.randomUUID();
    try (ChatSocket socket = ChatSocket.open(ada)) {
      long first = socket.post(group, "once", id).get(20, TimeUnit.SECONDS).path("seq").asLong();
      long second = socket.post(group, "once", id).get(20, TimeUnit.SECONDS).path("seq").asLong();
      RestClient.Reply third =
          ada.send(
              "POST",
              "/groups/" + group + "/messages",
              Map.of("text", "once"),
              Map.of("Idempotency-Key", id.toString()));

      assertThat(second).isEqualTo(first);
      assertThat(third.status()).isBetween(200, 201);
      assertThat(third.body().path("seq").asLong()).isEqualTo(first);
      assertThat(third.body().path("replayed").asBoolean()).isTrue();
      assertThat(Groups.texts(Groups.history(grace, group))).containsExactly("once");
    }
  }

  @Test
  void whereThereIsNoReplicaAWriteThatAsksForItIsRefusedAndNothingIsWritten() throws Exception {
    String group = Groups.create(ada, "PUBLIC", grace);
    UUID id = UUID.randomUUID();
    String messages = "/groups/" + group + "/messages";
    RestClient.Reply refused =
        ada.send(
            "POST",
            messages,
            Map.of("text", "on two disks"),
            Map.of("Idempotency-Key", id.toString(), "Plenum-Durability", "REPLICA"));

    assertThat(refused.status()).as(refused.text()).isEqualTo(409);
    assertThat(refused.body().path("code").asText()).isEqualTo("REPLICA_NOT_CONFIGURED");
    Groups.post(ada, group, "on one disk");
    assertThat(Groups.texts(Groups.history(grace, group))).containsExactly("on one disk");

    // The id is not used up: the same write goes through with less.
    RestClient.Reply taken =
        ada.send(
            "POST",
            messages,
            Map.of("text", "on two disks"),
            Map.of("Idempotency-Key", id.toString()));
    assertThat(taken.status()).as(taken.text()).isEqualTo(201);
    assertThat(taken.body().path("replayed").asBoolean()).isFalse();
  }

  @Test
  void aSocketThatComesBackGetsWhatItMissedAndNothingTwice() throws Exception {
    String group = Groups.create(ada, "PUBLIC", grace);
    long seen;
    try (ChatSocket first = ChatSocket.open(grace)) {
      Groups.post(ada, group, "before");
      seen =
          first
              .awaitEntry(group, e -> e.path("text").asText().equals("before"))
              .path("seq")
              .asLong();
      first.abort();
    }
    List<String> missed = IntStream.range(0, 120).mapToObj(i -> "missed " + i).toList();
    missed.forEach(text -> Groups.post(ada, group, text));

    try (ChatSocket again = ChatSocket.open(grace, Map.of(group, seen))) {
      Groups.post(ada, group, "live again");
      again.awaitEntry(group, e -> e.path("text").asText().equals("live again"));

      List<Long> seqs = Groups.seqs(again.entries(group));
      assertThat(seqs).isEqualTo(LongStream.rangeClosed(seen + 1, seen + 121).boxed().toList());
    }
  }

  @Test
  void anEditReplacesTheTextAndARecallTakesItAway() throws Exception {
    String group = Groups.create(ada, "PUBLIC", grace);
    long edited = Groups.post(ada, group, "first draft").path("seq").asLong();
    long recalled = Groups.post(ada, group, "a slip").path("seq").asLong();
    try (ChatSocket theirs = ChatSocket.open(grace)) {
      ada.patch("/groups/" + group + "/messages/" + edited, Map.of("text", "final")).expect(200);
      ada.post("/groups/" + group + "/messages/" + recalled + "/recall", null).expect(200);

      theirs.awaitEntry(
          group,
          e ->
              e.path("kind").asText().equals("message.edited")
                  && e.path("target").asLong() == edited
                  && e.path("text").asText().equals("final"));
      theirs.awaitEntry(
          group,
          e ->
              e.path("kind").asText().equals("message.recalled")
                  && e.path("target").asLong() == recalled);
    }
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () -> {
              List<JsonNode> history = Groups.history(grace, group);
              JsonNode first = withSeq(history, edited);
              assertThat(first.path("text").asText()).isEqualTo("final");
              assertThat(first.has("editedAt")).isTrue();
              JsonNode second = withSeq(history, recalled);
              assertThat(second.has("text")).isFalse();
              assertThat(second.has("recalledAt")).isTrue();
            });
    assertThat(grace.get("/groups/" + group + "/entries?from=1").text())
        .doesNotContain("a slip", "first draft");
  }

  @Test
  void unreadFollowsFromTheReadPositionWhichNeverGoesBack() {
    String group = Groups.create(ada, "PUBLIC", grace);
    IntStream.range(0, 5).forEach(i -> Groups.post(ada, group, "message " + i));
    long third =
        Groups.history(grace, group).stream()
            .filter(e -> e.path("text").asText().equals("message 2"))
            .findFirst()
            .orElseThrow()
            .path("seq")
            .asLong();
    String position = "/groups/" + group + "/read-position";

    assertThat(unread(grace, group)).isEqualTo(5);
    grace.put(position, Map.of("seq", third)).expect(200);
    await().untilAsserted(() -> assertThat(unread(grace, group)).isEqualTo(2));
    grace.put(position, Map.of("seq", 1));
    assertThat(unread(grace, group)).isEqualTo(2);
    grace.put(position, Map.of("seq", 1_000_000));
    await().untilAsserted(() -> assertThat(unread(grace, group)).isZero());
    Groups.post(ada, group, "one more");
    await().untilAsserted(() -> assertThat(unread(grace, group)).isEqualTo(1));
  }

  @Test
  void aRemovedMemberGetsNothingMoreOnTheOpenSocket() {
    String group = Groups.create(ada, "PRIVATE", grace);
    try (ChatSocket theirs = ChatSocket.open(grace);
        ChatSocket hers = ChatSocket.open(ada)) {
      Groups.post(ada, group, "for both");
      theirs.awaitEntry(group, e -> e.path("text").asText().equals("for both"));

      ada.post("/groups/" + group + "/members/" + grace.id() + "/remove", null).expect(200);
      theirs.await("membership", f -> f.path("group").asText().equals(group));
      Groups.post(ada, group, "not for grace");
      hers.awaitEntry(group, e -> e.path("text").asText().equals("not for grace"));
      theirs.send(Map.of("type", "ping"));
      theirs.await("pong", f -> true);

      assertThat(theirs.entries(group))
          .noneMatch(e -> e.path("text").asText().equals("not for grace"));
      assertThat(grace.get("/groups/" + group + "/entries?from=1").status()).isIn(403, 404);
    }
  }

  @Test
  void historyIsReadBothWaysFromAnySequence() {
    String group = Groups.create(ada, "PUBLIC", grace);
    IntStream.range(0, 25).forEach(i -> Groups.post(ada, group, "message " + i));
    List<Long> all = Groups.seqs(Groups.history(grace, group));

    JsonNode forward =
        grace.get("/groups/" + group + "/entries?from=10&limit=5").expect(200).body();
    JsonNode back = grace.get("/groups/" + group + "/entries?before=10&limit=5").expect(200).body();

    assertThat(all).isEqualTo(LongStream.rangeClosed(1, all.size()).boxed().toList());
    assertThat(seqsOf(forward)).containsExactly(10L, 11L, 12L, 13L, 14L);
    assertThat(seqsOf(back)).containsExactly(5L, 6L, 7L, 8L, 9L);
    assertThat(forward.path("head").path("seq").asLong()).isEqualTo(all.size());
  }

  @Test
  void anUnchangedPageIsAnsweredByItsEtagAlone() {
    String group = Groups.create(ada, "PUBLIC", grace);
    Groups.post(ada, group, "hello");
    String page = "/groups/" + group + "/entries?from=1&limit=2";
    RestClient.Reply first = grace.get(page).expect(200);
    String etag = first.headers().firstValue("ETag").orElseThrow();

    assertThat(grace.send("GET", page, null, Map.of("If-None-Match", etag)).status())
        .isEqualTo(304);
  }

  @Test
  void aReaderThatCarriesAPositionSeesTheWriteThatGaveIt() {
    String group = Groups.create(ada, "PUBLIC", grace);
    for (int i = 0; i < 20; i++) {
      String text = "message " + i;
      RestClient.Reply written =
          ada.post("/groups/" + group + "/messages", Map.of("text", text)).expect(201);
      String position = written.headers().firstValue("Plenum-Position").orElseThrow();
      RestClient.Reply read =
          grace.send(
              "GET",
              "/groups/" + group + "/entries?limit=200&from=" + written.body().path("seq").asLong(),
              null,
              Map.of("Plenum-Position", position));
      assertThat(read.expect(200).text()).contains(text);
    }
  }

  private static List<Long> seqsOf(JsonNode page) {
    List<JsonNode> entries = new ArrayList<>();
    page.path("entries").forEach(entries::add);
    return Groups.seqs(entries);
  }

  private static long unread(RestClient person, String group) {
    return Groups.mine(person, group).path("unread").asLong();
  }

  private static JsonNode withSeq(List<JsonNode> entries, long seq) {
    return entries.stream()
        .filter(entry -> entry.path("seq").asLong() == seq)
        .findFirst()
        .orElseThrow();
  }
}
