package org.plenum.report.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What processing servers get, byte for byte: fields are added, none is changed or taken away. */
class ReportTextTest {
  private static final ReportEnvelope FULL =
      new ReportEnvelope(
          new NewReport(
              "erp \"north\"",
              "K\\1",
              "state",
              "zo\u00eb",
              "phone",
              Instant.parse("2026-11-24T10:59:58.000000001Z"),
              "{ \"state\" : \"online\" }",
              ReportChannel.JMS,
              "17"),
          Instant.parse("2026-11-24T11:00:00.120Z"));

  @Test
  void aReportOnAStreamCarriesItsSequenceAndItsBodyAsItWasWritten() {
    StringBuilder json = new StringBuilder();
    ReportText.append(json, 1201, FULL);

    assertThat(json)
        .hasToString(
            "{\"sequence\":1201,\"id\":\""
                + FULL.id()
                + "\",\"source\":\"erp"
                + " \\\"north\\\"\",\"businessKey\":\"K\\\\1\",\"kind\":\"state\","
                + "\"user\":\"zo\u00eb\",\"device\":\"phone\","
                + "\"occurredAt\":\"2026-11-24T10:59:58.000000001Z\","
                + "\"receivedAt\":\"2026-11-24T11:00:00.120Z\",\"receivedVia\":\"JMS\",\"body\":{"
                + " \"state\" : \"online\" }}");
  }

  @Test
  void aReportOnTheTopicHasNoSequenceAndLeavesOutWhatIsNotKnown() {
    ReportEnvelope small =
        new ReportEnvelope(
            new NewReport(
                "s", "k", "stock", null, null, Instant.EPOCH, "{}", ReportChannel.REST, null),
            Instant.EPOCH);

    assertThat(ReportText.json(small))
        .isEqualTo(
            "{\"version\":1,\"id\":\""
                + small.id()
                + "\",\"source\":\"s\",\"businessKey\":\"k\",\"kind\":\"stock\","
                + "\"occurredAt\":\"1970-01-01T00:00:00Z\",\"receivedAt\":\"1970-01-01T00:00:00Z\","
                + "\"receivedVia\":\"REST\",\"body\":{}}");
  }
}
