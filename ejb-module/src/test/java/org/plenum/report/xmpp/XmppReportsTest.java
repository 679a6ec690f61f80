package org.plenum.report.xmpp;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.plenum.platform.ErrorCode;
import org.plenum.report.api.NewReport;
import org.plenum.report.api.ReportChannel;

class XmppReportsTest {
  private static final String ADA = FakeArchive.ADA;
  private static final String GATEWAY = "gateway@elsewhere.test/1";
  private static final int MAX_BYTES = 300;

  private final XmppReports reports =
      new XmppReports(
          XmppAccount.parse("reports@chat.test"),
          MAX_BYTES,
          Set.of("gateway@elsewhere.test"),
          Clock.fixed(FakeArchive.ARCHIVED, ZoneOffset.UTC));

  @Test
  void theSenderIsTheUser() {
    NewReport report = report(ADA, "{\"kind\":\"state\",\"device\":\"phone\",\"body\":{\"on\":1}}");
    assertThat(report.source()).isEqualTo("xmpp/reports@chat.test");
    assertThat(report.user()).isEqualTo("ada");
    assertThat(report.device()).isEqualTo("phone");
    assertThat(report.body()).isEqualTo("{\"on\":1}");
    assertThat(report.receivedVia()).isEqualTo(ReportChannel.XMPP);
  }

  @Test
  void aBusinessKeyIsOneOfItsSenderAndNeverAnIdOfTheArchive() {
    String text = "{\"kind\":\"state\",\"businessKey\":\"k1\"}";
    assertThat(report(ADA, text).key()).isEqualTo("ada@chat.test/k1");
    assertThat(report("Bob@chat.test/pc", text).key()).isEqualTo("bob@chat.test/k1");
    assertThat(report(ADA, "{\"kind\":\"state\"}").key()).startsWith("id~").doesNotContain("/");
  }

  @Test
  void theElementIsTakenBeforeTheBody() {
    ArchivedMessage message =
        new ArchivedMessage(
            "id", ADA, null, "for old clients", "{\"kind\":\"state\"}", null, false);
    assertThat(reports.read(message)).isInstanceOf(XmppReports.Reading.Report.class);
  }

  @Test
  void nobodyReportsForSomebodyElse() {
    refused(ADA, "{\"kind\":\"state\",\"user\":\"bob\"}", ErrorCode.FORBIDDEN);
    assertThat(report(ADA, "{\"kind\":\"state\",\"user\":\"ada\"}").user()).isEqualTo("ada");
  }

  @Test
  void sourceAndPositionAreNotTheSendersToSay() {
    refused(ADA, "{\"kind\":\"state\",\"source\":\"jms/erp\"}", ErrorCode.INVALID_VALUE);
    refused(ADA, "{\"kind\":\"state\",\"position\":\"z\"}", ErrorCode.INVALID_VALUE);
    refused(GATEWAY, "{\"kind\":\"state\",\"position\":\"z\"}", ErrorCode.INVALID_VALUE);
  }

  @Test
  void accountsOfOtherServersDoNotReport() {
    refused("ada@elsewhere.test/x", "{\"kind\":\"state\"}", ErrorCode.FORBIDDEN);
    refused("ada@notchat.test", "{\"kind\":\"state\"}", ErrorCode.FORBIDDEN);
    refused("chat.test", "{\"kind\":\"state\"}", ErrorCode.FORBIDDEN);
    refused("", "{\"kind\":\"state\"}", ErrorCode.FORBIDDEN);
  }

  @Test
  void aReporterReportsForAnybodyAndForNobody() {
    assertThat(report(GATEWAY, "{\"kind\":\"state\",\"user\":\"bob\"}").user()).isEqualTo("bob");
    assertThat(report(GATEWAY, "{\"kind\":\"state\"}").user()).isNull();
  }

  @Test
  void whatIsTooLongIsRefusedAndTheLetterHoldsTheBeginning() {
    String text = "{\"kind\":\"" + "\uD83D\uDE00".repeat(MAX_BYTES) + "\"}";
    XmppLetters.Letter letter = refused(ADA, text, ErrorCode.PAYLOAD_TOO_LARGE);
    assertThat(letter.text()).isEqualTo(text.substring(0, MAX_BYTES - 1));
  }

  @Test
  void whatIsNoJsonIsRefused() {
    refused(ADA, "hello", ErrorCode.MALFORMED_REQUEST);
    refused(ADA, "{\"kind\":\"state\"", ErrorCode.MALFORMED_REQUEST);
    refused(ADA, "[".repeat(MAX_BYTES), ErrorCode.MALFORMED_REQUEST);
    refused(ADA, "", ErrorCode.MALFORMED_REQUEST);
  }

  @Test
  void messagesWithoutTextAndOurOwnAreIgnored() {
    assertThat(reports.read(FakeArchive.text("id", ADA, null)))
        .isInstanceOf(XmppReports.Reading.Ignored.class);
    assertThat(reports.read(FakeArchive.text("id", "Reports@chat.test/plenum", "{}")))
        .isInstanceOf(XmppReports.Reading.Ignored.class);
  }

  private NewReport report(String from, String text) {
    return switch (reports.read(FakeArchive.text("id", from, text))) {
      case XmppReports.Reading.Report taken -> taken.report();
      case XmppReports.Reading other -> throw new AssertionError(other);
    };
  }

  private XmppLetters.Letter refused(String from, String text, ErrorCode code) {
    return switch (reports.read(FakeArchive.text("id", from, text))) {
      case XmppReports.Reading.Refused refused -> {
        XmppLetters.Letter letter = refused.letter();
        assertThat(letter.code()).isEqualTo(code);
        yield letter;
      }
      case XmppReports.Reading other -> throw new AssertionError(other);
    };
  }
}
