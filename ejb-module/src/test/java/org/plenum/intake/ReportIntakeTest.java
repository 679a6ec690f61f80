package org.plenum.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.plenum.intake.api.DeadLetter;
import org.plenum.intake.api.DeadLetterStatus;
import org.plenum.intake.api.LetterQueue;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.NewReport;
import org.plenum.report.api.ReportAnswer;
import org.plenum.report.api.ReportAnswer.Rejected;
import org.plenum.report.api.ReportChannel;
import org.plenum.report.api.ReportService;
import org.plenum.update.CountingMeters;
import org.plenum.writer.TestDatabase;

class ReportIntakeTest {
  private static final Instant NOW = Instant.parse("2026-11-24T11:00:00Z");
  private static final int MAX = 400;
  private static final int TRIES = 3;

  private final Queue queue = new Queue();
  private final CountingMeters meters = new CountingMeters();
  private TestDatabase database;
  private JdbcDeadLetterStore letters;
  private ReportIntake intake;

  /** Takes reports, unless it is told to refuse or to be silent. */
  private static final class Queue implements ReportService {
    private final List<NewReport> taken = new ArrayList<>();
    private @Nullable Rejected refusal;
    private boolean silent;
    private String failsOn = "";
    private int most = 100;

    @Override
    public boolean open() {
      return true;
    }

    @Override
    public CompletionStage<ReportAnswer> submit(List<NewReport> reports) {
      if (silent) {
        return new CompletableFuture<>();
      }
      if (refusal != null) {
        return CompletableFuture.completedFuture(refusal);
      }
      if (reports.size() > most) {
        return CompletableFuture.completedFuture(
            new Rejected(ErrorCode.PAYLOAD_TOO_LARGE, "too many together"));
      }
      if (reports.stream().anyMatch(each -> each.key().equals(failsOn))) {
        return CompletableFuture.failedFuture(new IllegalStateException("a bug"));
      }
      taken.addAll(reports);
      return CompletableFuture.completedFuture(new ReportAnswer.Accepted(1, reports.size()));
    }

    @Override
    public Sorted submitEach(List<NewReport> reports) {
      List<@Nullable Rejected> refused = new ArrayList<>();
      List<NewReport> sound = new ArrayList<>();
      for (NewReport report : reports) {
        Rejected problem = problem(report);
        refused.add(problem);
        if (problem == null) {
          sound.add(report);
        }
      }
      return new Sorted(refused, sound.isEmpty() ? null : submit(sound));
    }

    private static @Nullable Rejected problem(NewReport report) {
      switch (report.kind()) {
        case "bug" -> throw new IllegalStateException("a bug");
        case "deep" -> throw new StackOverflowError();
        default -> {}
      }
      return report.kind().equals("bad") ? new Rejected(ErrorCode.INVALID_VALUE, "bad") : null;
    }

    @Override
    public Optional<String> position(String source) {
      return Optional.empty();
    }
  }

  @BeforeEach
  void open() throws SQLException {
    database = TestDatabase.h2();
    letters = new JdbcDeadLetterStore(database.dataSource());
    intake =
        new ReportIntake(
            queue,
            letters,
            new JdbcAttemptStore(database.dataSource()),
            TRIES,
            () -> true,
            Clock.fixed(NOW, ZoneOffset.UTC),
            MAX,
            Duration.ofMillis(50),
            meters);
  }

  @AfterEach
  void close() throws Exception {
    database.close();
  }

  private static LegacyMessage text(String id, String text) {
    return new LegacyMessage(id, "TextMessage", text, 1);
  }

  private List<DeadLetter> waiting() {
    return letters.list(DeadLetterStatus.WAITING, null, 100).items();
  }

  @Test
  void soundMessagesOfABatchBecomeReportsInTheirOrder() {
    var outcomes =
        intake.take(
            List.of(
                text("ID:1", "{\"kind\":\"stock\",\"businessKey\":\"K\",\"source\":\"erp\"}"),
                text("ID:2", "{\"kind\":\"stock\"}")));

    assertThat(outcomes).allMatch(LegacyOutcome.Stored.class::isInstance);
    assertThat(queue.taken)
        .containsExactly(
            new NewReport("erp", "K", "stock", null, null, NOW, "{}", ReportChannel.JMS, null),
            new NewReport("jms", "ID:2", "stock", null, null, NOW, "{}", ReportChannel.JMS, null));
    assertThat(waiting()).isEmpty();
  }

  @Test
  void aMessageThatIsDeliveredThreeTimesIsTheSameReport() {
    LegacyMessage message = text("ID:1", "{\"kind\":\"stock\"}");
    for (int i = 0; i < 3; i++) {
      intake.take(List.of(message));
    }
    assertThat(queue.taken.stream().map(NewReport::id).distinct()).hasSize(1);
  }

  @Test
  void whatIsNoReportIsADeadLetterOnceAndTheOthersGoOn() {
    List<LegacyMessage> batch =
        List.of(
            text("ID:1", "no json"),
            text("ID:2", "{\"kind\":\"stock\"}"),
            text("ID:3", "{\"kind\":\"bad\"}"),
            new LegacyMessage("ID:4", "ObjectMessage", null, 1),
            text("ID:5", "{\"kind\":\"" + "x".repeat(MAX) + "\"}"));
    intake.take(batch);
    intake.take(batch);

    assertThat(queue.taken).extracting(NewReport::key).containsExactly("ID:2", "ID:2");
    assertThat(waiting())
        .extracting(DeadLetter::messageId, DeadLetter::code, DeadLetter::queue)
        .containsExactlyInAnyOrder(
            tuple("ID:1", ErrorCode.MALFORMED_REQUEST, LetterQueue.REPORTS),
            tuple("ID:3", ErrorCode.INVALID_VALUE, LetterQueue.REPORTS),
            tuple("ID:4", ErrorCode.UNSUPPORTED_MEDIA_TYPE, LetterQueue.REPORTS),
            tuple("ID:5", ErrorCode.PAYLOAD_TOO_LARGE, LetterQueue.REPORTS));
  }

  @Test
  void aBatchIsGivenBackWhenTheQueueIsFullOrSilentAndNothingIsCondemned() {
    List<LegacyMessage> batch = List.of(text("ID:1", "{\"kind\":\"a\"}"), text("ID:2", "no"));
    queue.refusal = new Rejected(ErrorCode.REPORT_QUEUE_FULL, "full");
    assertThatThrownBy(() -> intake.take(batch))
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code().transientFault()).isTrue());
    queue.refusal = null;
    queue.silent = true;
    assertThatThrownBy(() -> intake.take(batch))
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TIMEOUT));
    assertThat(waiting()).isEmpty();
    assertThat(meters.value("intake_reports_postponed")).isEqualTo(4);

    queue.silent = false;
    intake.take(batch);
    assertThat(queue.taken).hasSize(1);
    assertThat(waiting()).hasSize(1);
  }

  @Test
  void aBatchWithALetterIsGivenBackWhileTheDatabaseIsAway() throws Exception {
    database.close();
    assertThatThrownBy(() -> intake.take(List.of(text("ID:1", "no"))))
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code().transientFault()).isTrue());
    assertThat(intake.take(List.of(text("ID:2", "{\"kind\":\"a\"}")))).hasSize(1);
  }

  @Test
  void whileALetterCannotBeStoredTheReportsBesideItAreMadeDurableOnceOnly() throws Exception {
    database.close();
    List<LegacyMessage> batch =
        List.of(report("ID:1", "a"), text("ID:2", "no"), report("ID:3", "c"));
    for (int delivery = 1; delivery <= 5; delivery++) {
      int deliveries = delivery;
      assertThatThrownBy(
              () ->
                  intake.take(
                      batch.stream()
                          .map(
                              it ->
                                  new LegacyMessage(
                                      it.messageId(), it.type(), it.text(), deliveries))
                          .toList()))
          .isInstanceOf(ServiceException.class);
    }
    assertThat(queue.taken).extracting(NewReport::key).containsExactly("ID:1", "ID:3");

    intake.take(List.of(report("ID:4", "d")));
    intake.take(List.of(report("ID:1", "a"))); // of another time: its copy is dropped by its key
    assertThat(queue.taken)
        .extracting(NewReport::key)
        .containsExactly("ID:1", "ID:3", "ID:4", "ID:1");
  }

  @Test
  void aReplayIsTheSameReportOrSaysWhyNot() {
    assertThat(intake.replay(text("ID:1", "{\"kind\":\"a\"}")))
        .isInstanceOf(LegacyOutcome.Stored.class);
    assertThat(queue.taken).extracting(NewReport::key).containsExactly("ID:1");
    assertThat(intake.replay(text("ID:2", "no")))
        .isInstanceOfSatisfying(
            LegacyOutcome.Refused.class,
            no -> assertThat(no.code()).isEqualTo(ErrorCode.MALFORMED_REQUEST));
    queue.refusal = new Rejected(ErrorCode.REPORT_QUEUE_FULL, "full");
    assertThat(intake.replay(text("ID:3", "{\"kind\":\"a\"}")))
        .isInstanceOfSatisfying(
            LegacyOutcome.Postponed.class,
            no -> assertThat(no.code()).isEqualTo(ErrorCode.REPORT_QUEUE_FULL));
  }

  /** The queue and its consumer: delivers until all is acknowledged. */
  private List<LegacyOutcome> drain(List<LegacyMessage> batch) {
    for (int delivery = 1; delivery <= 10 * TRIES; delivery++) {
      int deliveries = delivery;
      try {
        return intake.take(
            batch.stream()
                .map(
                    each ->
                        new LegacyMessage(each.messageId(), each.type(), each.text(), deliveries))
                .toList());
      } catch (ServiceException | IllegalStateException | StackOverflowError e) {
        // Nothing was acknowledged: all come again.
      }
    }
    throw new AssertionError("still coming back: " + queue.taken);
  }

  private static LegacyMessage report(String id, String kind) {
    return text(id, "{\"kind\":\"" + kind + "\"}");
  }

  @Test
  void aMessageWhoseReadingFailsIsADeadLetterAfterItsTriesAndTheOthersGoOn() {
    List<LegacyOutcome> outcomes =
        drain(List.of(report("ID:1", "a"), report("ID:2", "bug"), report("ID:3", "c")));

    assertThat(outcomes)
        .extracting(each -> each.message().messageId())
        .containsExactly("ID:1", "ID:2", "ID:3");
    assertThat(queue.taken).extracting(NewReport::key).contains("ID:1", "ID:3");
    assertThat(waiting())
        .extracting(DeadLetter::messageId, DeadLetter::code, DeadLetter::queue)
        .containsExactly(tuple("ID:2", ErrorCode.INTERNAL, LetterQueue.REPORTS));
    assertThat(waiting().getFirst().detail()).contains(TRIES + " tries", "a bug");
  }

  @Test
  void aMessageThatOverflowsTheStackIsADeadLetterAfterItsTries() {
    drain(List.of(report("ID:1", "deep"), report("ID:2", "b")));

    assertThat(waiting()).extracting(DeadLetter::messageId).containsExactly("ID:1");
    assertThat(queue.taken).extracting(NewReport::key).contains("ID:2");
  }

  @Test
  void aReportThatTheQueueAloneCannotTakeIsADeadLetterAfterItsTries() {
    queue.failsOn = "ID:2";
    drain(List.of(report("ID:1", "a"), report("ID:2", "b"), report("ID:3", "c")));

    assertThat(waiting()).extracting(DeadLetter::messageId).containsExactly("ID:2");
    assertThat(queue.taken).extracting(NewReport::key).contains("ID:1", "ID:3");
  }

  @Test
  void aBatchThatIsRefusedAsAWholeIsTakenOneByOne() {
    queue.most = 2;
    drain(List.of(report("ID:1", "a"), report("ID:2", "b"), report("ID:3", "c")));

    assertThat(waiting()).isEmpty();
    assertThat(queue.taken).extracting(NewReport::key).containsExactly("ID:1", "ID:2", "ID:3");
  }

  @Test
  void aQueueThatIsFullForLongCondemnsNoReport() {
    List<LegacyMessage> again =
        List.of(new LegacyMessage("ID:1", "TextMessage", "{\"kind\":\"a\"}", 7));
    queue.refusal = new Rejected(ErrorCode.REPORT_QUEUE_FULL, "full");
    for (int i = 0; i < 10 * TRIES; i++) {
      assertThatThrownBy(() -> intake.take(again)).isInstanceOf(ServiceException.class);
    }
    queue.refusal = null;
    assertThat(intake.take(again)).allMatch(LegacyOutcome.Stored.class::isInstance);
    assertThat(waiting()).isEmpty();
  }

  @Test
  void whatComesAgainIsTakenAlsoWhileTheDatabaseIsAway() throws Exception {
    database.close();
    List<LegacyMessage> again =
        List.of(new LegacyMessage("ID:1", "TextMessage", "{\"kind\":\"a\"}", 7));
    assertThat(intake.take(again)).allMatch(LegacyOutcome.Stored.class::isInstance);
    assertThat(queue.taken).extracting(NewReport::key).containsExactly("ID:1");
  }
}
