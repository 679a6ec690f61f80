package org.plenum.report.xmpp;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Clock;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.NewReport;
import org.plenum.report.api.ReportChannel;
import org.plenum.report.api.ReportJson;
import org.plenum.report.xmpp.XmppLetters.Letter;

/**
 * Makes reports of messages. Who reports is what the server says, never what the text says: the
 * source is the archive, the user is the sender unless the sender may report for others, and a
 * business key counts among those of its sender. Thread-safe.
 */
final class XmppReports {
  private static final int DETAIL = 1_000;

  /** What a message is. */
  sealed interface Reading {
    /** A report. */
    record Report(NewReport report) implements Reading {}

    /** Meant as a report, but none. */
    record Refused(Letter letter) implements Reading {}

    /** Not meant as a report: a receipt, a chat state, what the account itself sent. */
    record Ignored() implements Reading {}
  }

  private final XmppAccount account;
  private final ReportJson json = new ReportJson();
  private final int maxBytes;
  private final Set<String> reporters;
  private final Clock clock;

  XmppReports(XmppAccount account, int maxBytes, Set<String> reporters, Clock clock) {
    this.account = account;
    this.maxBytes = maxBytes;
    this.reporters = reporters;
    this.clock = clock;
  }

  /** What this message is. */
  Reading read(ArchivedMessage message) {
    String text = message.text();
    String sender = message.sender().toLowerCase(Locale.ROOT);
    if (text == null || sender.equals(account.jid())) {
      return new Reading.Ignored();
    }
    try {
      return new Reading.Report(report(message, sender, text));
    } catch (ServiceException e) {
      return new Reading.Refused(letter(message, e.code(), e.detail()));
    }
  }

  private NewReport report(ArchivedMessage message, String sender, String text) {
    if (text.length() > maxBytes || text.getBytes(UTF_8).length > maxBytes) {
      throw new ServiceException(
          ErrorCode.PAYLOAD_TOO_LARGE, "the text has more than " + maxBytes + " bytes of UTF-8");
    }
    boolean forOthers = reporters.contains(sender);
    if (!forOthers && !sender.endsWith("@" + account.domain())) {
      throw new ServiceException(
          ErrorCode.FORBIDDEN, "the sender has no account on " + account.domain());
    }
    ReportJson.Fields fields = json.read(text);
    if (fields.source() != null || fields.position() != null) {
      throw new ServiceException(
          ErrorCode.INVALID_VALUE, "source and position are not the sender's to say");
    }
    String own = forOthers ? null : sender.substring(0, sender.indexOf('@'));
    if (own != null && fields.user() != null && !fields.user().equals(own)) {
      throw new ServiceException(ErrorCode.FORBIDDEN, "the sender may report as " + own + " only");
    }
    Instant archived = message.archivedAt();
    NewReport report =
        fields.report(
            account.source(),
            message.token().key(),
            archived == null ? clock.instant() : archived,
            ReportChannel.XMPP);
    return new NewReport(
        report.source(),
        key(sender, fields.businessKey(), message.token().key()),
        report.kind(),
        own == null ? report.user() : own,
        report.device(),
        report.occurredAt(),
        report.body(),
        ReportChannel.XMPP,
        null);
  }

  /** A business key is the sender's; the slash behind an address keeps it from ids. */
  private static String key(String sender, @Nullable String businessKey, String ofMessage) {
    return businessKey == null ? ofMessage : sender + "/" + businessKey;
  }

  /** The letter of a message. */
  Letter letter(ArchivedMessage message, ErrorCode code, String detail) {
    String text = message.text();
    return new Letter(
        account.source(),
        message.id(),
        cut(message.from(), DETAIL),
        code,
        cut(detail, DETAIL),
        text == null ? null : cut(text, maxBytes),
        clock.instant());
  }

  /** Cut between characters, without half of a pair and without what databases do not store. */
  private static String cut(String text, int most) {
    int end = Math.min(text.length(), most);
    if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end).replace('\0', '\uFFFD');
  }
}
