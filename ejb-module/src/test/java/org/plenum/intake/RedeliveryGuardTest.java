package org.plenum.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.Durability;
import org.plenum.group.api.GroupId;
import org.plenum.intake.LegacyOutcome.Applied;
import org.plenum.intake.LegacyOutcome.Postponed;
import org.plenum.intake.LegacyOutcome.Refused;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.SchemaMigration;
import org.plenum.platform.ServiceException;

class RedeliveryGuardTest {
  private static final Instant NOW = Instant.parse("2026-11-22T20:51:00Z");
  private static final int MAX_TRIES = 3;
  private static final List<String> QUEUE =
      IntStream.rangeClosed(1, 10).mapToObj(i -> "ID:" + i).toList();
  private static final String CULPRIT = "ID:4";

  private final JdbcDataSource dataSource = new JdbcDataSource();
  private final List<List<String>> tried = new ArrayList<>();
  private boolean sound = true;

  /** The end of the server in mid-work. */
  private static final class Crash extends Error {
    private static final long serialVersionUID = 1L;
  }

  @BeforeEach
  void migrate() {
    dataSource.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
    SchemaMigration.migrate(dataSource);
  }

  @Test
  void firstDeliveriesGoTogetherAndNeedNoDatabase() {
    dataSource.setURL("jdbc:h2:mem:missing;IFEXISTS=TRUE");

    assertThat(guard(this::applied).process(messages(1))).allMatch(Applied.class::isInstance);
    assertThat(tried).containsExactly(QUEUE);
  }

  @Test
  void theFirstRedeliveryGoesTogetherAndIsForgottenWhenItIsDone() {
    RedeliveryGuard guard = guard(this::applied);
    guard.process(messages(2));
    guard.process(messages(3));

    assertThat(tried).containsExactly(QUEUE, QUEUE);
  }

  @Test
  void aMessageThatAlwaysTimesOutIsGivenUpAfterItsTriesAndAllOthersTakeEffect() {
    List<LegacyOutcome> outcomes = drain(this::late);

    assertThat(outcomes.stream().map(outcome -> outcome.message().messageId())).isEqualTo(QUEUE);
    assertThat(outcomes).filteredOn(Refused.class::isInstance).hasSize(1);
    Refused refused = (Refused) outcomes.get(3);
    assertThat(refused.message().messageId()).isEqualTo(CULPRIT);
    assertThat(refused.code()).isEqualTo(ErrorCode.TIMEOUT);
    assertThat(refused.detail()).contains("3 tries", "too late");
    assertThat(tried).filteredOn(List.of(CULPRIT)::equals).hasSize(MAX_TRIES);
  }

  @Test
  void aMessageThatEndsTheServerIsGivenUpAfterItsTriesAndAllOthersTakeEffect() {
    List<LegacyOutcome> outcomes = drain(this::crashing);

    assertThat(outcomes).filteredOn(Refused.class::isInstance).hasSize(1);
    Refused refused = (Refused) outcomes.get(3);
    assertThat(refused.message().messageId()).isEqualTo(CULPRIT);
    assertThat(refused.code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(refused.detail()).contains("3 tries", "ended with the server");
    assertThat(tried).filteredOn(List.of(CULPRIT)::equals).hasSize(MAX_TRIES);
  }

  @Test
  void aMessageThatMeetsAFaultIsGivenUpAfterItsTries() {
    List<LegacyOutcome> outcomes =
        drain(
            batch -> {
              if (holds(batch, CULPRIT)) {
                throw new IllegalStateException("a bug");
              }
              return applied(batch);
            });

    assertThat(outcomes).filteredOn(Refused.class::isInstance).hasSize(1);
    assertThat(((Refused) outcomes.get(3)).detail()).contains("a bug");
  }

  @Test
  void whatWasGivenUpStaysSoWhenItsLetterCouldNotBeKept() {
    drain(this::crashing);
    tried.clear();

    List<LegacyOutcome> outcomes = guard(this::crashing).process(List.of(message(CULPRIT, 2)));

    assertThat(outcomes).allMatch(Refused.class::isInstance);
    assertThat(tried).isEmpty();
  }

  @Test
  void nothingIsTriedAloneDuringAnOutageAndNoTryIsCounted() {
    RedeliveryGuard guard = guard(RedeliveryGuardTest::away);
    guard.process(messages(2));
    tried.clear();
    sound = false;
    for (int i = 0; i < 10 * MAX_TRIES; i++) {
      assertThat(guard.process(messages(2))).allMatch(Postponed.class::isInstance);
    }
    assertThat(tried).isEmpty();

    sound = true;
    assertThat(guard(this::applied).process(messages(2))).allMatch(Applied.class::isInstance);
  }

  @Test
  void aStopInOrderIsNoTry() {
    guard(this::late).process(messages(2));
    Function<List<LegacyMessage>, List<LegacyOutcome>> stopped =
        batch -> {
          Thread.currentThread().interrupt();
          return late(batch);
        };
    for (int i = 0; i < 10 * MAX_TRIES; i++) {
      guard(stopped).process(List.of(message(CULPRIT, 2)));
      assertThat(Thread.interrupted()).isTrue();
    }

    assertThat(guard(this::applied).process(List.of(message(CULPRIT, 2))))
        .allMatch(Applied.class::isInstance);
  }

  @Test
  void aReplicaThatIsAwayCondemnsNoMessage() {
    Function<List<LegacyMessage>, List<LegacyOutcome>> waiting =
        batch ->
            batch.stream()
                .<LegacyOutcome>map(
                    message -> new Postponed(message, null, ErrorCode.REPLICA_AWAY, "away"))
                .toList();
    guard(waiting).process(messages(2));
    for (int i = 0; i < 10 * MAX_TRIES; i++) {
      assertThat(guard(waiting).process(messages(2))).allMatch(Postponed.class::isInstance);
    }

    assertThat(guard(this::applied).process(messages(2))).allMatch(Applied.class::isInstance);
  }

  @Test
  void whatWasPrunedIsTriedFromTheStart() {
    drain(this::crashing);
    guard(this::applied).prune(NOW.plusSeconds(1));

    assertThat(guard(this::applied).process(List.of(message(CULPRIT, 2))))
        .allMatch(Applied.class::isInstance);
  }

  @Test
  void aRedeliveryWaitsForTheDatabase() {
    dataSource.setURL("jdbc:h2:mem:missing;IFEXISTS=TRUE");

    assertThatThrownBy(() -> guard(this::applied).process(messages(2)))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.READ_UNAVAILABLE));
    assertThat(tried).isEmpty();
  }

  /** The queue and its consumer: delivers again, to a new process, until nothing is postponed. */
  private List<LegacyOutcome> drain(Function<List<LegacyMessage>, List<LegacyOutcome>> processor) {
    for (int round = 0; round < 20 * MAX_TRIES; round++) {
      try {
        List<LegacyOutcome> outcomes = guard(processor).process(messages(round == 0 ? 1 : 2));
        if (outcomes.stream().noneMatch(Postponed.class::isInstance)) {
          return outcomes;
        }
      } catch (Crash | IllegalStateException e) {
        // Nothing was acknowledged: all come again.
      }
    }
    throw new AssertionError("still postponed after many deliveries: " + tried);
  }

  private RedeliveryGuard guard(Function<List<LegacyMessage>, List<LegacyOutcome>> processor) {
    return new RedeliveryGuard(
        batch -> {
          tried.add(batch.stream().map(LegacyMessage::messageId).toList());
          return processor.apply(batch);
        },
        new JdbcAttemptStore(dataSource),
        () -> sound,
        code -> code == ErrorCode.REPLICA_AWAY,
        Clock.fixed(NOW, ZoneOffset.UTC),
        MAX_TRIES);
  }

  private List<LegacyOutcome> applied(List<LegacyMessage> batch) {
    return batch.stream().map(RedeliveryGuardTest::applied).toList();
  }

  private List<LegacyOutcome> crashing(List<LegacyMessage> batch) {
    if (holds(batch, CULPRIT)) {
      throw new Crash();
    }
    return applied(batch);
  }

  private List<LegacyOutcome> late(List<LegacyMessage> batch) {
    List<LegacyOutcome> outcomes = new ArrayList<>();
    boolean held = false;
    for (LegacyMessage message : batch) {
      held |= message.messageId().equals(CULPRIT);
      outcomes.add(
          held ? new Postponed(message, null, ErrorCode.TIMEOUT, "too late") : applied(message));
    }
    return outcomes;
  }

  private static List<LegacyOutcome> away(List<LegacyMessage> batch) {
    return batch.stream()
        .<LegacyOutcome>map(
            message -> new Postponed(message, null, ErrorCode.WRITER_UNAVAILABLE, "away"))
        .toList();
  }

  private static LegacyOutcome applied(LegacyMessage message) {
    LegacyCommand command =
        new LegacyCommand.Post(
            null, "erp", new LegacyCommand.Target(null, "g"), "x", null, Durability.DISK);
    return new Applied(
        message,
        command,
        new CommandAnswer.Accepted(new GroupId(new UUID(1, 2)), 1, 1, 1, NOW, false));
  }

  private static boolean holds(List<LegacyMessage> batch, String messageId) {
    return batch.stream().anyMatch(message -> message.messageId().equals(messageId));
  }

  private static List<LegacyMessage> messages(int deliveries) {
    return QUEUE.stream().map(id -> message(id, deliveries)).toList();
  }

  private static LegacyMessage message(String id, int deliveries) {
    return new LegacyMessage(id, "TextMessage", "{}", deliveries);
  }
}
