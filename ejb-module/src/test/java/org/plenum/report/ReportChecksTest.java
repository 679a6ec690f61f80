package org.plenum.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.plenum.platform.ErrorCode;
import org.plenum.report.api.NewReport;
import org.plenum.report.api.ReportAnswer.Rejected;
import org.plenum.report.api.ReportChannel;

class ReportChecksTest {
  private static final NewReport SOUND =
      new NewReport(
          "jms/erp",
          "4711",
          "state",
          "ada",
          "phone",
          Instant.parse("2026-11-24T11:00:00Z"),
          "{\"state\":\"online\"}",
          ReportChannel.JMS,
          "17");

  private final ReportChecks checks = new ReportChecks(64);

  @Test
  void aSoundReportHasNoProblem() {
    assertThat(checks.problem(SOUND)).isNull();
    assertThat(checks.problem(changed(it -> null))).isNull();
  }

  @Test
  void aNameThatIsBlankTooLongOrHoldsAControlCharacterIsRefused() {
    for (String bad : new String[] {"", "  ", "a\u0000b", "a\nb", "x".repeat(501)}) {
      for (String field : new String[] {"source", "key", "kind", "user", "device", "position"}) {
        assertThat(codeOf(with(field, bad))).as(field).isEqualTo(ErrorCode.INVALID_VALUE);
      }
    }
    assertThat(checks.problem(with("source", "x".repeat(200)))).isNull();
    assertThat(codeOf(with("kind", "x".repeat(65)))).isEqualTo(ErrorCode.INVALID_VALUE);
  }

  @Test
  void halfASurrogatePairIsRefusedInNamesAndBody() {
    assertThat(codeOf(with("user", "a\ud83db"))).isEqualTo(ErrorCode.INVALID_UTF8);
    assertThat(codeOf(with("body", "{\"a\":\"\ude80\"}"))).isEqualTo(ErrorCode.INVALID_UTF8);
    assertThat(checks.problem(with("user", "a\ud83d\ude80b"))).isNull();
  }

  @Test
  void aBodyIsMeasuredInBytesOfUtf8() {
    assertThat(checks.problem(with("body", "x".repeat(64)))).isNull();
    assertThat(codeOf(with("body", "x".repeat(65)))).isEqualTo(ErrorCode.PAYLOAD_TOO_LARGE);
    assertThat(checks.problem(with("body", "\u00eb".repeat(32)))).isNull();
    assertThat(codeOf(with("body", "\u00eb".repeat(33)))).isEqualTo(ErrorCode.PAYLOAD_TOO_LARGE);
    assertThat(checks.problem(with("body", "\ud83d\ude80".repeat(16)))).isNull();
    assertThat(codeOf(with("body", "\ud83d\ude80".repeat(17))))
        .isEqualTo(ErrorCode.PAYLOAD_TOO_LARGE);
  }

  @Test
  void aTimeThatDatabasesDoNotStoreIsRefused() {
    assertThat(codeOf(occurred(Instant.MAX))).isEqualTo(ErrorCode.INVALID_VALUE);
    assertThat(codeOf(occurred(Instant.parse("1969-12-31T23:59:59Z"))))
        .isEqualTo(ErrorCode.INVALID_VALUE);
    assertThat(checks.problem(occurred(Instant.EPOCH))).isNull();
  }

  private @Nullable ErrorCode codeOf(NewReport report) {
    Rejected problem = checks.problem(report);
    return problem == null ? null : problem.code();
  }

  private static NewReport with(String field, String value) {
    return new NewReport(
        field.equals("source") ? value : SOUND.source(),
        field.equals("key") ? value : SOUND.key(),
        field.equals("kind") ? value : SOUND.kind(),
        field.equals("user") ? value : SOUND.user(),
        field.equals("device") ? value : SOUND.device(),
        SOUND.occurredAt(),
        field.equals("body") ? value : SOUND.body(),
        SOUND.receivedVia(),
        field.equals("position") ? value : SOUND.position());
  }

  private static NewReport changed(Function<@Nullable String, @Nullable String> optional) {
    return new NewReport(
        SOUND.source(),
        SOUND.key(),
        SOUND.kind(),
        optional.apply(SOUND.user()),
        optional.apply(SOUND.device()),
        SOUND.occurredAt(),
        SOUND.body(),
        SOUND.receivedVia(),
        optional.apply(SOUND.position()));
  }

  private static NewReport occurred(Instant at) {
    return new NewReport("s", "k", "state", null, null, at, "{}", ReportChannel.REST, null);
  }
}
