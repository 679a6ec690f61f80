package org.plenum.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.plenum.group.api.Page;
import org.plenum.intake.api.DeadLetter;
import org.plenum.intake.api.DeadLetterStatus;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.SchemaMigration;
import org.plenum.platform.ServiceException;
import org.plenum.update.CountingMeters;

class CommandIntakeTest {
  private static final Instant NOW = Instant.parse("2026-11-22T20:51:00Z");
  private static final int MAX = 400;
  private static final int LIMIT = 5;

  private final FakeWriter writer = new FakeWriter(1, 0);
  private final CountingMeters meters = new CountingMeters();
  private final JdbcDataSource dataSource = new JdbcDataSource();
  private JdbcDeadLetterStore store = new JdbcDeadLetterStore(dataSource);
  private CommandIntake intake = intake(NOW);

  @BeforeEach
  void migrate() {
    dataSource.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
    SchemaMigration.migrate(dataSource);
    store = new JdbcDeadLetterStore(dataSource);
    intake = intake(NOW);
  }

  @AfterEach
  void close() {
    writer.close();
  }

  @Test
  void aRefusedMessageIsKeptWithItsReason() {
    intake.take(List.of(post("ID:1", "K-1", "nowhere", "hello")));

    DeadLetter letter = only();
    assertThat(letter.code()).isEqualTo(ErrorCode.GROUP_NOT_FOUND);
    assertThat(letter.businessKey()).isEqualTo("K-1");
    assertThat(letter.command()).isEqualTo("post");
    assertThat(letter.receivedAt()).isEqualTo(NOW);
    assertThat(letter.body()).as("lists carry no bodies").isNull();
    assertThat(intake.get(letter.id()).body()).contains("hello");
  }

  @Test
  void aMessageThatComesAgainAfterACrashIsKeptOnce() {
    LegacyMessage message = post("ID:1", "K-1", "nowhere", "hello");
    intake.take(List.of(message));
    intake.take(List.of(message));

    assertThat(intake.counts()).containsEntry(DeadLetterStatus.WAITING, 1L);
  }

  @Test
  void aReplayTakesEffectOnce() {
    intake.take(List.of(post("ID:1", "K-1", "orders", "hello")));
    intake.take(List.of(create("orders")));
    long id = only().id();

    DeadLetter replayed = intake.replay(id, "ada");
    DeadLetter again = intake.replay(id, "grace");

    assertThat(replayed.status()).isEqualTo(DeadLetterStatus.REPLAYED);
    assertThat(replayed.changedBy()).isEqualTo("ada");
    assertThat(replayed.seq()).isEqualTo(2);
    assertThat(again).isEqualTo(replayed);
    assertThat(writer.textsOf(writer.byKey("orders").orElseThrow()))
        .containsExactly("created", "hello");
  }

  @Test
  void aReplayInVainLeavesTheLetterWithItsNewReason() {
    intake.take(List.of(post("ID:1", "K-1", "orders", "poison")));
    intake.take(List.of(create("orders")));
    long id = only().id();

    assertThatThrownBy(() -> intake.replay(id, "ada"))
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL));
    DeadLetter letter = intake.get(id);
    assertThat(letter.status()).isEqualTo(DeadLetterStatus.WAITING);
    assertThat(letter.code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(letter.attempts()).isEqualTo(2);
  }

  @Test
  void aBodyBeyondTheBoundIsCutAndNotReplayed() {
    intake.take(List.of(new LegacyMessage("ID:1", "TextMessage", "é".repeat(MAX) + '\0', 1)));

    DeadLetter letter = intake.get(only().id());
    assertThat(letter.code()).isEqualTo(ErrorCode.PAYLOAD_TOO_LARGE);
    assertThat(letter.truncated()).isTrue();
    assertThat(letter.body()).hasSizeBetween(MAX / 2, MAX / 2 + 1);
    assertThatThrownBy(() -> intake.replay(letter.id(), "ada"))
        .isInstanceOf(ServiceException.class);
  }

  @Test
  void aForeignTypeIsKeptWithoutItsBody() {
    intake.take(List.of(new LegacyMessage("ID:1", "ObjectMessage", null, 1)));

    DeadLetter letter = intake.get(only().id());
    assertThat(letter.messageType()).isEqualTo("ObjectMessage");
    assertThat(letter.body()).isNull();
    assertThatThrownBy(() -> intake.replay(letter.id(), "ada"))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED_MEDIA_TYPE));
  }

  @Test
  void aDiscardedLetterStaysDiscarded() {
    intake.take(List.of(post("ID:1", "K-1", "orders", "hello")));
    intake.take(List.of(create("orders")));
    long id = only().id();

    assertThat(intake.discard(id, "ada").status()).isEqualTo(DeadLetterStatus.DISCARDED);
    assertThat(intake.replay(id, "ada").status()).isEqualTo(DeadLetterStatus.DISCARDED);
    assertThat(writer.textsOf(writer.byKey("orders").orElseThrow())).containsExactly("created");
  }

  @Test
  void listsArePagedNewestFirst() {
    for (int i = 1; i <= 5; i++) {
      intake.take(List.of(post("ID:" + i, "K-" + i, "nowhere", "x")));
    }

    Page<DeadLetter> first = intake.list(DeadLetterStatus.WAITING, null, 3);
    Page<DeadLetter> second = intake.list(DeadLetterStatus.WAITING, first.next(), 3);

    assertThat(first.items())
        .extracting(DeadLetter::businessKey)
        .containsExactly("K-5", "K-4", "K-3");
    assertThat(second.items()).extracting(DeadLetter::businessKey).containsExactly("K-2", "K-1");
    assertThat(second.next()).isNull();
    assertThatThrownBy(() -> intake.list(DeadLetterStatus.WAITING, "x", 3))
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CURSOR));
  }

  @Test
  void beyondTheLimitThoseDealtWithGoFirst() {
    for (int i = 1; i <= LIMIT + 2; i++) {
      intake.take(List.of(post("ID:" + i, "K-" + i, "nowhere", "x")));
    }
    List<DeadLetter> letters = intake.list(DeadLetterStatus.WAITING, null, 50).items();
    intake.discard(letters.getFirst().id(), "ada");
    intake.prune();

    assertThat(intake.counts())
        .containsEntry(DeadLetterStatus.WAITING, (long) LIMIT)
        .containsEntry(DeadLetterStatus.DISCARDED, 0L);
    assertThat(meters.value("intake_dead_letters_forgotten")).isEqualTo(1);
  }

  @Test
  void lettersBeyondTheirRetentionGo() {
    intake.take(List.of(post("ID:1", "K-1", "nowhere", "x")));
    Instant later = NOW.plus(Duration.ofDays(31));
    intake(later, () -> later).prune();

    assertThat(intake.counts()).containsEntry(DeadLetterStatus.WAITING, 0L);
  }

  @Test
  void lettersStayWhenTheClockOfTheNodeOrOfTheDatabaseIsSetForward() {
    intake.take(List.of(post("ID:1", "K-1", "nowhere", "x")));
    Instant later = NOW.plus(Duration.ofDays(31));
    intake(later, () -> NOW).prune();
    AtomicReference<Instant> database = new AtomicReference<>(NOW);
    CommandIntake running = intake(NOW, database::get);
    running.prune();
    database.set(later);
    running.prune();

    assertThat(intake.counts()).containsEntry(DeadLetterStatus.WAITING, 1L);
  }

  @Test
  void nothingMayBeAcknowledgedWhileTheLettersCannotBeKept() {
    dataSource.setURL("jdbc:h2:mem:missing;IFEXISTS=TRUE");

    assertThatThrownBy(() -> intake.take(List.of(post("ID:1", "K-1", "nowhere", "x"))))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.READ_UNAVAILABLE));
  }

  private DeadLetter only() {
    List<DeadLetter> letters = intake.list(DeadLetterStatus.WAITING, null, 50).items();
    assertThat(letters).hasSize(1);
    return letters.getFirst();
  }

  private CommandIntake intake(Instant now) {
    return intake(now, () -> now);
  }

  private CommandIntake intake(Instant now, Supplier<Instant> databaseTime) {
    Clock clock = Clock.fixed(now, ZoneOffset.UTC);
    LegacyProcessor processor =
        new LegacyProcessor(
            new LegacyDirectory(
                new LegacyCommands(MAX),
                FakeDirectory.accounts(),
                FakeDirectory.groups(writer::byKey)),
            writer,
            clock,
            new LegacyProcessor.Bounds(
                Duration.ofSeconds(5), Duration.ofNanos(1), Duration.ofNanos(1)));
    RedeliveryGuard guard =
        new RedeliveryGuard(
            processor::process,
            new JdbcAttemptStore(dataSource),
            () -> true,
            code -> false,
            clock,
            5);
    return new CommandIntake(
        processor,
        guard,
        message ->
            new LegacyOutcome.Postponed(
                message, null, ErrorCode.REPORTS_UNAVAILABLE, message.messageId()),
        store,
        clock,
        databaseTime,
        MAX,
        Duration.ofDays(30),
        LIMIT,
        meters);
  }

  private static LegacyMessage create(String key) {
    return new LegacyMessage(
        "ID:create-" + key,
        "TextMessage",
        "{\"version\":1,\"command\":\"createGroup\",\"key\":\"%s\",\"name\":\"n\",\"owner\":\"erp\"}"
            .formatted(key),
        1);
  }

  private static LegacyMessage post(String id, String businessKey, String key, String text) {
    return new LegacyMessage(
        id,
        "TextMessage",
        "{\"version\":1,\"businessKey\":\"%s\",\"command\":\"post\",\"groupKey\":\"%s\",\"from\":\"erp\",\"text\":\"%s\"}"
            .formatted(businessKey, key, text),
        1);
  }
}
