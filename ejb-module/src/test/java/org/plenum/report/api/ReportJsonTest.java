package org.plenum.report.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

class ReportJsonTest {
  private static final Instant NOW = Instant.parse("2026-11-24T11:00:00Z");

  private final ReportJson json = new ReportJson();

  @Test
  void everyFieldIsReadAndTheBodyIsKeptAsItWasWritten() {
    String body = "{ \"state\" : \"on\\u006cine\", \"n\": 1.50e2, \"deep\": [{\"a\": null}] }";
    NewReport report =
        json.read(
                "{\"version\":1,\"businessKey\":\"k\",\"source\":\"s\",\"kind\":\"state\","
                    + "\"user\":\"ada\",\"device\":\"phone\",\"occurredAt\":\"2026-11-24T12:00:00+02:00\","
                    + "\"body\":"
                    + body
                    + ",\"position\":\"17\"}")
            .report("other", "other", NOW, ReportChannel.REST);

    assertThat(report)
        .isEqualTo(
            new NewReport(
                "s",
                "k",
                "state",
                "ada",
                "phone",
                Instant.parse("2026-11-24T10:00:00Z"),
                body,
                ReportChannel.REST,
                "17"));
  }

  @Test
  void theIntakeFillsInWhatIsNotSaid() {
    assertThat(json.read(" {\"kind\":\"state\"} ").report("src", "key", NOW, ReportChannel.JMS))
        .isEqualTo(
            new NewReport("src", "key", "state", null, null, NOW, "{}", ReportChannel.JMS, null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"kind\":1}",
        "{\"kind\":null}",
        "{\"kind\":\"a\",\"unknown\":{\"x\":[1]}}",
        "{\"version\":2,\"kind\":\"a\"}",
        "{\"version\":\"1\",\"kind\":\"a\"}",
        "{\"kind\":\"a\",\"body\":[]}",
        "{\"kind\":\"a\",\"body\":\"{}\"}",
        "{\"kind\":\"a\",\"occurredAt\":\"2026-11-24\"}",
        "{\"kind\":\"a\",\"occurredAt\":\"2026-11-24T10:00:00\"}",
        "{}"
      })
  void aFieldThatIsNotAsAgreedIsRefused(String text) {
    assertThatThrownBy(() -> json.read(text).report("s", "k", NOW, ReportChannel.REST))
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_VALUE));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "7",
        "{",
        "{\"kind\":\"a\"} x",
        "{\"kind\":\"a\"}{\"kind\":\"b\"}",
        "{\"kind\":\"a\",\"kind\":\"b\"}",
        "{\"kind\":\"a\",\"body\":{\"x\":}}",
        "{\"kind\":\"a\",\"body\":{\"x\":1,\"x\":2}}"
      })
  void whatIsNotOneJsonObjectIsRefused(String text) {
    assertThatThrownBy(() -> json.read(text))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.MALFORMED_REQUEST));
  }

  @Test
  void nestingBeyondTheBoundIsRefusedBeforeItCostsAnything() {
    String deep = "{\"kind\":\"a\",\"body\":" + "{\"x\":".repeat(100_000);
    assertThatThrownBy(() -> json.read(deep))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.MALFORMED_REQUEST));
  }

  @Test
  void anElementOfAListThatIsRefusedLeavesTheOthers() {
    List<ReportJson.Item> items =
        json.readList(
            "[{\"kind\":\"a\"},{\"kind\":[1,{\"kind\":2}],\"body\":{\"a\":[]}},7,[{}],"
                + "{\"kind\":\"b\",\"body\":{\"n\":1}}]",
            10);

    assertThat(items).hasSize(5);
    assertThat(items.stream().map(it -> it.problem() == null))
        .containsExactly(true, false, false, false, true);
    assertThat(items.get(4).fields()).extracting("kind", "body").containsExactly("b", "{\"n\":1}");
  }

  @Test
  void aListBeyondItsBoundIsRefused() {
    assertThat(json.readList("[{\"kind\":\"a\"},{\"kind\":\"a\"}]", 2)).hasSize(2);
    assertThatThrownBy(() -> json.readList("[1,2,3]", 2))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.PAYLOAD_TOO_LARGE));
  }

  @Test
  void listAndObjectAreToldApart() {
    assertThat(ReportJson.isList(" \r\n\t[")).isTrue();
    assertThat(ReportJson.isList(" {")).isFalse();
    assertThat(ReportJson.isList("")).isFalse();
  }
}
