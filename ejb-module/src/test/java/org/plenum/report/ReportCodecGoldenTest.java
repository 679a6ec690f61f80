package org.plenum.report;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.plenum.report.api.NewReport;
import org.plenum.report.api.ReportChannel;
import org.plenum.report.api.ReportEnvelope;
import org.plenum.report.queue.Report;

/**
 * The form of reports in the journal, byte for byte. A journal outlives releases: when the form
 * grows, the old files stay and new ones come beside them.
 */
class ReportCodecGoldenTest {
  private static final Instant RECEIVED = Instant.parse("2026-11-24T11:00:00.120Z");
  private static final Instant OCCURRED = Instant.parse("2026-11-24T10:59:58.000000001Z");
  private static final ReportEnvelope FULL =
      new ReportEnvelope(
          new NewReport(
              "xmpp/chat.example/archive",
              "2026-1",
              "state",
              "zo\u00eb",
              "phone",
              OCCURRED,
              "{\"state\":\"online \ud83d\ude80\"}",
              ReportChannel.XMPP,
              "2026-1"),
          RECEIVED);
  private static final ReportEnvelope SMALL =
      new ReportEnvelope(
          new NewReport(
              "jms/erp", "4711", "stock", null, null, OCCURRED, "{}", ReportChannel.JMS, null),
          RECEIVED);

  @Test
  void aReportWithEverythingIsWrittenAndReadAsInItsFile() throws IOException {
    byte[] golden = golden("v1-full");
    Report written = ReportCodec.encode(FULL);

    assertThat(HexFormat.of().formatHex(written.payload()))
        .isEqualTo(HexFormat.of().formatHex(golden));
    assertThat(written.source()).isEqualTo("xmpp/chat.example/archive");
    assertThat(written.key()).isEqualTo("2026-1");
    assertThat(ReportCodec.decode(new Report(written.source(), written.key(), golden)))
        .isEqualTo(FULL);
  }

  @Test
  void aReportWithNothingThatCanBeAbsentIsWrittenAndReadAsInItsFile() throws IOException {
    byte[] golden = golden("v1-small");

    assertThat(HexFormat.of().formatHex(ReportCodec.encode(SMALL).payload()))
        .isEqualTo(HexFormat.of().formatHex(golden));
    assertThat(ReportCodec.decode(new Report("jms/erp", "4711", golden))).isEqualTo(SMALL);
  }

  @Test
  void theIdentityOfAReportNeverChanges() {
    assertThat(FULL.id()).hasToString("1c9bf897-74c0-8446-982e-16bf87eb488b");
    assertThat(SMALL.id()).hasToString("4f4bd34d-bdfe-879c-bf70-157ab7878b57");
  }

  @Test
  void whatWasCutAtAnyPlaceIsRefused() {
    byte[] whole = ReportCodec.encode(FULL).payload();
    for (int length = 0; length < whole.length; length++) {
      Report cut = new Report("s", "k", Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> ReportCodec.decode(cut))
          .isInstanceOf(IllegalArgumentException.class);
    }
    Report longer = new Report("s", "k", Arrays.copyOf(whole, whole.length + 1));
    assertThatThrownBy(() -> ReportCodec.decode(longer))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aVersionOfTheFutureIsRefusedByItsNumber() {
    byte[] payload = ReportCodec.encode(SMALL).payload();
    payload[0] = 2;
    assertThatThrownBy(() -> ReportCodec.decode(new Report("s", "k", payload)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("version 2");
  }

  private static byte[] golden(String name) throws IOException {
    try (InputStream in =
        ReportCodecGoldenTest.class.getResourceAsStream("/golden/reports/" + name + ".hex")) {
      assertThat(in).as(name).isNotNull();
      String text = new String(in.readAllBytes(), US_ASCII);
      return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
    }
  }
}
