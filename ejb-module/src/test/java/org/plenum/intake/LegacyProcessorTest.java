package org.plenum.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.plenum.group.api.GroupId;
import org.plenum.intake.LegacyOutcome.Applied;
import org.plenum.intake.LegacyOutcome.Postponed;
import org.plenum.intake.LegacyOutcome.Refused;
import org.plenum.platform.ErrorCode;

class LegacyProcessorTest {
  private static final LegacyProcessor.Bounds NO_PATIENCE =
      new LegacyProcessor.Bounds(Duration.ofSeconds(5), Duration.ofNanos(1), Duration.ofNanos(1));
  private static final LegacyProcessor.Bounds PATIENT =
      new LegacyProcessor.Bounds(Duration.ofSeconds(5), Duration.ofMinutes(1), Duration.ofNanos(1));

  private FakeWriter writer = new FakeWriter(1, 0);

  @AfterEach
  void stopWriter() {
    writer.close();
  }

  @Test
  void aGroupIsMadeAndFilledInOneBatch() {
    List<LegacyOutcome> outcomes =
        processor(PATIENT)
            .process(
                List.of(create("c", "orders"), post("1", "orders", "a"), post("2", "orders", "b")));

    assertThat(outcomes).allMatch(Applied.class::isInstance);
    assertThat(writer.textsOf(group("orders"))).containsExactly("created", "a", "b");
  }

  @Test
  void aBatchIsInFlightAtOnce() {
    List<LegacyMessage> batch = new ArrayList<>();
    processor(PATIENT).process(List.of(create("c", "orders")));
    for (int i = 0; i < 200; i++) {
      batch.add(post("k" + i, "orders", "t" + i));
    }
    processor(PATIENT).process(batch);

    assertThat(writer.textsOf(group("orders"))).hasSize(201);
    assertThat(writer.largestBatch()).isGreaterThan(1);
  }

  /** It is refused by the writer, not at once, when what is behind it could be there already. */
  @Test
  void nothingOfAGroupPassesAMessageThatWaitsForTheReplica() {
    processor(PATIENT).process(List.of(create("c", "orders")));
    writer.replicaAwayFor(3);
    List<LegacyOutcome> outcomes =
        processor(PATIENT)
            .process(
                List.of(
                    post("1", "orders", "a"),
                    message(
                        "ID:2",
                        post("2", "orders", "b")
                            .text()
                            .replace("}", ",\"durability\":\"REPLICA\"}"),
                        1),
                    post("3", "orders", "c"),
                    post("4", "orders", "d")));

    assertThat(outcomes).allMatch(Applied.class::isInstance);
    assertThat(writer.textsOf(group("orders"))).containsExactly("created", "a", "b", "c", "d");
  }

  @Test
  void aDoubleHasNoSecondEffect() {
    LegacyProcessor processor = processor(PATIENT);
    processor.process(List.of(create("c", "orders"), post("k", "orders", "a")));
    List<LegacyOutcome> outcomes =
        processor.process(List.of(create("c", "orders"), post("k", "orders", "a")));

    assertThat(outcomes)
        .allMatch(outcome -> outcome instanceof Applied done && done.answer().replayed());
    assertThat(writer.textsOf(group("orders"))).containsExactly("created", "a");
  }

  @Test
  void theSameKeyWithAnotherContentIsRefused() {
    List<LegacyOutcome> outcomes =
        processor(PATIENT)
            .process(
                List.of(create("c", "orders"), post("k", "orders", "a"), post("k", "orders", "b")));

    assertThat(refusal(outcomes.get(2))).isEqualTo(ErrorCode.CLIENT_ID_REUSED);
    assertThat(writer.textsOf(group("orders"))).containsExactly("created", "a");
  }

  @Test
  void withoutBusinessKeyTheMessageIdIdentifies() {
    LegacyProcessor processor = processor(PATIENT);
    processor.process(List.of(create("c", "orders")));
    String text =
        "{\"version\":1,\"command\":\"post\",\"groupKey\":\"orders\",\"from\":\"erp\",\"text\":\"x\"}";
    LegacyMessage first = new LegacyMessage("ID:1", "TextMessage", text, 1);
    LegacyMessage redelivered = new LegacyMessage("ID:1", "TextMessage", text, 2);
    LegacyMessage other = new LegacyMessage("ID:2", "TextMessage", text, 1);
    processor.process(List.of(first));
    processor.process(List.of(redelivered, other));

    assertThat(writer.textsOf(group("orders"))).containsExactly("created", "x", "x");
  }

  @Test
  void oneBadMessageDoesNotHoldUpTheOthers() {
    List<LegacyOutcome> outcomes =
        processor(PATIENT)
            .process(
                List.of(
                    create("c", "orders"),
                    message("m1", "no json", 1),
                    new LegacyMessage("ID:o", "ObjectMessage", null, 1),
                    post("k1", "orders", "poison"),
                    post("k2", "nowhere", "a"),
                    message(
                        "m2",
                        "{\"version\":1,\"command\":\"post\",\"groupKey\":\"orders\",\"from\":\"nobody\",\"text\":\"x\"}",
                        1),
                    message(
                        "m3",
                        "{\"version\":1,\"command\":\"post\",\"groupKey\":\"orders\",\"from\":\"gone\",\"text\":\"x\"}",
                        1),
                    post("k3", "orders", "good")));

    assertThat(outcomes.subList(1, 7))
        .extracting(LegacyProcessorTest::refusal)
        .containsExactly(
            ErrorCode.MALFORMED_REQUEST,
            ErrorCode.UNSUPPORTED_MEDIA_TYPE,
            ErrorCode.INTERNAL,
            ErrorCode.GROUP_NOT_FOUND,
            ErrorCode.ACCOUNT_NOT_FOUND,
            ErrorCode.ACCOUNT_DISABLED);
    assertThat(writer.textsOf(group("orders"))).containsExactly("created", "good");
  }

  @Test
  void postsToAGroupThatCouldNotBeMadeAreRefused() {
    LegacyProcessor processor = processor(PATIENT);
    processor.process(List.of(create("c1", "orders")));
    List<LegacyOutcome> outcomes =
        processor.process(List.of(create("c2", "orders"), post("k", "orders", "a")));

    assertThat(refusal(outcomes.get(0))).isEqualTo(ErrorCode.GROUP_KEY_TAKEN);
    assertThat(outcomes.get(1)).isInstanceOf(Applied.class);
  }

  @Test
  void aTransientFaultCondemnsNoMessageHoweverOftenItWasDelivered() {
    writer.close();
    writer = new FakeWriter(1, 100);

    for (int deliveries : List.of(1, 5, 500)) {
      assertThat(processor(NO_PATIENCE).process(List.of(delivered(deliveries))))
          .allMatch(Postponed.class::isInstance);
    }

    writer.close();
    writer = new FakeWriter(1, 0);
    assertThat(processor(NO_PATIENCE).process(List.of(delivered(500))))
        .allMatch(Applied.class::isInstance);
  }

  @Test
  void aMessageThatBreaksTheWayToTheWriterIsPostponed() {
    LegacyProcessor processor =
        new LegacyProcessor(
            directory(writer::byKey),
            envelope -> {
              throw new IllegalStateException("a fault");
            },
            Clock.systemUTC(),
            NO_PATIENCE);

    assertThat(processor.process(List.of(delivered(1)))).allMatch(Postponed.class::isInstance);
  }

  @Test
  void nothingIsSentWhileNamesCannotBeLookedUp() {
    LegacyProcessor processor = blind();

    List<LegacyOutcome> outcomes =
        processor.process(List.of(create("c", "a"), post("k", "orders", "x")));

    assertThat(outcomes).allMatch(Postponed.class::isInstance);
    assertThat(writer.submitted()).isZero();
  }

  /** Redeliveries, retries in place, lost answers and refusals: order and exactly-once hold. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void underTroubleEachGroupGetsItsMessagesOnceAndInOrder(boolean patient) {
    for (int round = 0; round < 40; round++) {
      long seed = System.nanoTime() + round;
      writer.close();
      writer = new FakeWriter(seed, 15);
      LegacyProcessor processor = processor(patient ? PATIENT : NO_PATIENCE);
      Deque<LegacyMessage> queue = new ArrayDeque<>();
      Map<String, List<String>> expected = script(new Random(seed), queue);
      Set<String> refused = new HashSet<>();
      Random random = new Random(seed);
      while (!queue.isEmpty()) {
        List<LegacyMessage> batch = queue.stream().limit(1 + random.nextInt(40)).toList();
        List<LegacyOutcome> outcomes = processor.process(batch);
        if (outcomes.stream().noneMatch(Postponed.class::isInstance)) {
          batch.forEach(message -> queue.removeFirst());
          outcomes.stream()
              .filter(Refused.class::isInstance)
              .forEach(outcome -> refused.add(outcome.message().messageId()));
        }
      }

      assertThat(refused).as("seed %d", seed).isEmpty();
      expected.forEach(
          (key, texts) ->
              assertThat(writer.textsOf(group(key))).as("seed %d", seed).isEqualTo(texts));
    }
  }

  private static Map<String, List<String>> script(Random random, Collection<LegacyMessage> queue) {
    Map<String, List<String>> expected = new HashMap<>();
    for (int i = 0; i < 120; i++) {
      String key = "g" + random.nextInt(4);
      List<String> texts = expected.get(key);
      if (texts == null) {
        expected.put(key, new ArrayList<>(List.of("created")));
        queue.add(create("c-" + key, key));
      } else {
        texts.add("t" + i);
        LegacyMessage post = post("k" + i, key, "t" + i);
        queue.add(post);
        if (random.nextInt(10) == 0) {
          queue.add(new LegacyMessage("double-" + i, "TextMessage", post.text(), 1));
        }
      }
    }
    return expected;
  }

  private LegacyProcessor processor(LegacyProcessor.Bounds bounds) {
    return new LegacyProcessor(
        directory(key -> writer.byKey(key)), writer, Clock.systemUTC(), bounds);
  }

  /** Cannot look up groups. */
  private LegacyProcessor blind() {
    return new LegacyProcessor(
        directory(
            key -> {
              throw new IllegalStateException("the database is away");
            }),
        writer,
        Clock.systemUTC(),
        PATIENT);
  }

  private static LegacyDirectory directory(Function<String, Optional<GroupId>> byKey) {
    return new LegacyDirectory(
        new LegacyCommands(65_536), FakeDirectory.accounts(), FakeDirectory.groups(byKey));
  }

  private static LegacyMessage delivered(int deliveries) {
    LegacyMessage message = create("c", "orders");
    return new LegacyMessage(message.messageId(), "TextMessage", message.text(), deliveries);
  }

  private GroupId group(String key) {
    return writer.byKey(key).orElseThrow();
  }

  private static ErrorCode refusal(LegacyOutcome outcome) {
    if (outcome instanceof Refused refused) {
      return refused.code();
    }
    throw new AssertionError("not refused: " + outcome);
  }

  private static LegacyMessage create(String businessKey, String key) {
    return message(
        "ID:" + businessKey,
        "{\"version\":1,\"businessKey\":\"%s\",\"command\":\"createGroup\",\"key\":\"%s\",\"name\":\"n\",\"owner\":\"erp\",\"members\":[\"ada\"]}"
            .formatted(businessKey, key),
        1);
  }

  private static LegacyMessage post(String businessKey, String key, String text) {
    return message(
        "ID:" + businessKey,
        "{\"version\":1,\"businessKey\":\"%s\",\"command\":\"post\",\"groupKey\":\"%s\",\"from\":\"erp\",\"text\":\"%s\"}"
            .formatted(businessKey, key, text),
        1);
  }

  private static LegacyMessage message(String id, String text, int deliveries) {
    return new LegacyMessage(id, "TextMessage", text, deliveries);
  }
}
