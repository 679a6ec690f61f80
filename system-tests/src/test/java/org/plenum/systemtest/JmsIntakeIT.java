package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.TextMessage;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.plenum.testkit.LegacySystem;
import org.plenum.testkit.RestClient;

/** What a legacy system and an administrator may rely on, against the real broker. */
@OnH2
class JmsIntakeIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private RestClient ada;
  private LegacySystem erp;

  @BeforeEach
  void connect(Installation installation) {
    ada = installation.person("ada");
    erp = LegacySystem.connect(installation.broker());
  }

  @AfterEach
  void disconnect() {
    erp.close();
  }

  @Test
  void aGroupIsMadeFilledAndPostedToAndEachCommandIsAnswered(Installation installation) {
    String key = "orders-" + UUID.randomUUID();
    Map<String, Object> create = LegacySystem.command("createGroup", key + "-create");
    create.put("key", key);
    create.put("name", "Orders");
    create.put("owner", "ada");
    JsonNode made = answer(LegacySystem.json(create));
    Map<String, Object> add = LegacySystem.command("addMember", key + "-add");
    add.put("groupKey", key);
    add.put("from", "ada");
    add.put("member", "grace");
    JsonNode added = answer(LegacySystem.json(add));
    Map<String, Object> post = LegacySystem.command("post", key + "-post");
    post.put("groupKey", key);
    post.put("from", "grace");
    post.put("text", "Order 4711 has left the warehouse ✓");
    JsonNode posted = answer(LegacySystem.json(post));

    String group = made.path("group").asText();
    assertThat(List.of(made, added, posted))
        .allSatisfy(
            answer -> {
              assertThat(answer.path("version").asInt()).isEqualTo(1);
              assertThat(answer.path("accepted").asBoolean()).as(answer.toString()).isTrue();
              assertThat(answer.path("replayed").asBoolean()).isFalse();
              assertThat(answer.path("group").asText()).isEqualTo(group);
            });
    assertThat(posted.path("businessKey").asText()).isEqualTo(key + "-post");
    RestClient grace = installation.person("grace");
    List<JsonNode> history = Groups.history(grace, group);
    assertThat(Groups.texts(history)).containsExactly("Order 4711 has left the warehouse ✓");
    JsonNode entry = history.getLast();
    assertThat(entry.path("seq").asLong()).isEqualTo(posted.path("seq").asLong());
    assertThat(entry.path("by").path("id").asLong()).isEqualTo(grace.id());
  }

  @Test
  void theSameBusinessKeyAgainHasTheFirstAnswerAndNoSecondEffect() {
    String group = Groups.create(ada, "PRIVATE");
    String post = LegacySystem.post("K-" + group, group, "ada", "once");
    JsonNode first = answer(post);
    JsonNode second = answer(post);

    assertThat(second.path("accepted").asBoolean()).isTrue();
    assertThat(second.path("replayed").asBoolean()).isTrue();
    assertThat(second.path("seq").asLong()).isEqualTo(first.path("seq").asLong());
    assertThat(Groups.texts(Groups.history(ada, group))).containsExactly("once");
  }

  @Test
  void theSameBusinessKeyWithAnotherTextIsADeadLetter() {
    String group = Groups.create(ada, "PRIVATE");
    answer(LegacySystem.post("K-" + group, group, "ada", "first"));
    Message other = erp.text(LegacySystem.post("K-" + group, group, "ada", "second"));
    JsonNode answer = answer(other);

    assertThat(answer.path("accepted").asBoolean()).isFalse();
    assertThat(answer.path("code").asText()).isEqualTo("CLIENT_ID_REUSED");
    JsonNode letter = letter(other);
    assertThat(letter.path("code").asText()).isEqualTo("CLIENT_ID_REUSED");
    assertThat(letter.path("businessKey").asText()).isEqualTo("K-" + group);
    assertThat(Groups.texts(Groups.history(ada, group))).containsExactly("first");
  }

  static Stream<List<String>> refusedTexts() {
    return Stream.of(
        List.of("MALFORMED_REQUEST", "no json at all", "JSON"),
        List.of("MALFORMED_REQUEST", "{\"version\":1,\"command\":\"post\"", "JSON"),
        List.of("MALFORMED_REQUEST", "", "not a JSON object"),
        List.of(
            "INVALID_VALUE",
            "{\"version\":1,\"command\":\"post\",\"groupKey\":\"a\",\"from\":\"ada\",\"text\":\"x\",\"colour\":\"red\"}",
            "colour"),
        List.of(
            "INVALID_VALUE",
            "{\"version\":2,\"command\":\"post\",\"groupKey\":\"a\",\"from\":\"ada\",\"text\":\"x\"}",
            "version"),
        List.of(
            "INVALID_UTF8",
            "{\"version\":1,\"command\":\"post\",\"groupKey\":\"a\",\"from\":\"ada\",\"text\":\"\\ud800\"}",
            "surrogate"),
        List.of(
            "GROUP_NOT_FOUND",
            "{\"version\":1,\"command\":\"post\",\"groupKey\":\"nowhere\",\"from\":\"ada\",\"text\":\"x\"}",
            "nowhere"),
        List.of(
            "ACCOUNT_NOT_FOUND",
            "{\"version\":1,\"command\":\"post\",\"groupKey\":\"a\",\"from\":\"nobody\",\"text\":\"x\"}",
            "nobody"),
        List.of("PAYLOAD_TOO_LARGE", "{\"text\":\"" + "x".repeat(70_000) + "\"}", "65536"));
  }

  @ParameterizedTest
  @MethodSource("refusedTexts")
  void aTextThatBreaksTheContractIsADeadLetterThatSaysWhy(List<String> expected) {
    Message message = erp.text(expected.get(1));
    JsonNode answer = answer(message);

    assertThat(answer.path("accepted").asBoolean()).isFalse();
    assertThat(answer.path("code").asText()).isEqualTo(expected.get(0));
    JsonNode letter = letter(message);
    assertThat(letter.path("code").asText()).isEqualTo(expected.get(0));
    assertThat(letter.path("detail").asText()).contains(expected.get(2));
    assertThat(letter.path("status").asText()).isEqualTo("WAITING");
    String body = letter.path("body").asText();
    assertThat(letter.path("truncated").asBoolean()).isEqualTo(expected.get(1).length() > 65_536);
    assertThat(expected.get(1)).startsWith(body);
    assertThat(letter.path("truncated").asBoolean() || body.equals(expected.get(1))).isTrue();
  }

  /** Of a class that no server has ever seen. */
  record OnlyHere(String text) implements Serializable {}

  record Foreign(String type, Function<JMSContext, Message> maker) {}

  static Stream<Foreign> foreignTypes() {
    return Stream.of(
        new Foreign("ObjectMessage", context -> context.createObjectMessage(new OnlyHere("x"))),
        new Foreign(
            "BytesMessage",
            filled(
                JMSContext::createBytesMessage,
                message -> message.writeBytes(new byte[] {'{', '}'}))),
        new Foreign(
            "MapMessage",
            filled(JMSContext::createMapMessage, message -> message.setString("version", "1"))),
        new Foreign(
            "StreamMessage",
            filled(JMSContext::createStreamMessage, message -> message.writeString("{}"))),
        new Foreign("Message", JMSContext::createMessage));
  }

  private interface Filler<M> {
    void fill(M message) throws JMSException;
  }

  private static <M extends Message> Function<JMSContext, Message> filled(
      Function<JMSContext, M> maker, Filler<M> filler) {
    return context -> {
      try {
        M message = maker.apply(context);
        filler.fill(message);
        return message;
      } catch (JMSException e) {
        throw new IllegalStateException(e);
      }
    };
  }

  @ParameterizedTest
  @MethodSource("foreignTypes")
  void aMessageOfAnotherTypeIsRefusedUnread(Foreign foreign) {
    Message message = erp.message(foreign.maker());
    JsonNode answer = answer(message);

    assertThat(answer.path("code").asText()).isEqualTo("UNSUPPORTED_MEDIA_TYPE");
    JsonNode letter = letter(message);
    assertThat(letter.path("messageType").asText()).isEqualTo(foreign.type());
    assertThat(letter.path("detail").asText()).contains(foreign.type());
    assertThat(letter.path("body").isNull() || letter.path("body").isMissingNode()).isTrue();
  }

  @Test
  void anAdministratorReadsReplaysAndDiscardsDeadLetters() {
    String key = "later-" + UUID.randomUUID();
    Map<String, Object> post = LegacySystem.command("post", key + "-post");
    post.put("groupKey", key);
    post.put("from", "ada");
    post.put("text", "too early");
    Message early = erp.text(LegacySystem.json(post));
    assertThat(answer(early).path("code").asText()).isEqualTo("GROUP_NOT_FOUND");
    Message nonsense = erp.text("nonsense " + key);
    answer(nonsense);
    long replayable = letter(early).path("id").asLong();
    long hopeless = letter(nonsense).path("id").asLong();

    RestClient.Reply tooSoon = ada.post("/dead-letters/" + replayable + "/replay", null);
    assertThat(tooSoon.status()).as(tooSoon.text()).isEqualTo(404);
    assertThat(tooSoon.code()).isEqualTo("GROUP_NOT_FOUND");
    Map<String, Object> create = LegacySystem.command("createGroup", key + "-create");
    create.put("key", key);
    create.put("name", "Later");
    create.put("owner", "ada");
    String group = answer(LegacySystem.json(create)).path("group").asText();
    JsonNode replayed =
        ada.post("/dead-letters/" + replayable + "/replay", null).expect(200).body();
    JsonNode twice = ada.post("/dead-letters/" + replayable + "/replay", null).expect(200).body();
    JsonNode gone = ada.post("/dead-letters/" + hopeless + "/discard", null).expect(200).body();

    assertThat(replayed.path("status").asText()).isEqualTo("REPLAYED");
    assertThat(replayed.path("group").asText()).isEqualTo(group);
    assertThat(replayed.path("changedBy").asText()).isEqualTo("ada");
    assertThat(twice).isEqualTo(replayed);
    assertThat(gone.path("status").asText()).isEqualTo("DISCARDED");
    assertThat(waiting()).doesNotContain(replayable, hopeless);
    assertThat(Groups.texts(Groups.history(ada, group))).containsExactly("too early");
    assertThat(answer(LegacySystem.json(post)).path("replayed").asBoolean()).isTrue();
    assertThat(Groups.texts(Groups.history(ada, group))).containsExactly("too early");
  }

  /** More in one transaction than the intake takes at once. */
  @Test
  void fiveHundredPostsOfOneSessionArriveInOrderWithoutAGap(Installation installation) {
    String group = Groups.create(ada, "PRIVATE");
    try (LegacySystem bulk = LegacySystem.connectTransacted(installation.broker())) {
      for (int i = 0; i < 500; i++) {
        bulk.send(bulk.text(LegacySystem.post(group + i, group, "ada", "order " + i)));
      }
      bulk.commit();
    }
    List<String> expected = IntStream.range(0, 500).mapToObj(i -> "order " + i).toList();

    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              List<JsonNode> history = Groups.history(ada, group);
              assertThat(Groups.texts(history)).isEqualTo(expected);
              assertThat(Groups.seqs(history))
                  .isEqualTo(LongStream.rangeClosed(1, history.size()).boxed().toList());
            });
  }

  private JsonNode answer(String text) {
    return answer(erp.text(text));
  }

  private JsonNode answer(Message message) {
    try {
      TextMessage answer = erp.ask(message, PATIENCE);
      return RestClient.json(answer.getText());
    } catch (JMSException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The letter of a message, which is kept before the answer is sent. */
  private JsonNode letter(Message message) {
    try {
      String messageId = message.getJMSMessageID();
      JsonNode items = ada.get("/dead-letters?limit=200").expect(200).body().path("items");
      long id =
          StreamSupport.stream(items.spliterator(), false)
              .filter(item -> item.path("messageId").asText().equals(messageId))
              .findFirst()
              .orElseThrow(() -> new AssertionError(messageId + " is not among " + items))
              .path("id")
              .asLong();
      return ada.get("/dead-letters/" + id).expect(200).body();
    } catch (JMSException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<Long> waiting() {
    JsonNode items = ada.get("/dead-letters?limit=200").expect(200).body().path("items");
    return StreamSupport.stream(items.spliterator(), false)
        .map(item -> item.path("id").asLong())
        .toList();
  }
}
