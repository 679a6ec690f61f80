package org.plenum.report.xmpp;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jivesoftware.smack.SmackException;
import org.jivesoftware.smack.XMPPException;
import org.jivesoftware.smack.packet.ExtensionElement;
import org.jivesoftware.smack.packet.Message;
import org.jivesoftware.smack.packet.StandardExtensionElement;
import org.jivesoftware.smack.packet.Stanza;
import org.jivesoftware.smack.packet.StanzaBuilder;
import org.jivesoftware.smack.packet.StreamError;
import org.jivesoftware.smack.tcp.XMPPTCPConnection;
import org.jspecify.annotations.Nullable;
import org.jxmpp.jid.impl.JidCreate;
import org.jxmpp.stringprep.XmppStringprepException;
import org.plenum.report.xmpp.ArchiveException.Reason;

/**
 * One connection by Smack. The reading thread collects the page that is asked for; the asking
 * thread takes it when its end has come. Results that nobody asked for are dropped.
 */
final class SmackArchiveSession implements ArchiveSession {
  private static final long RECEIPT_WAIT_MILLIS = 2_000;

  private final XMPPTCPConnection connection;
  private final String account;
  private final Arrivals arrivals;
  private final String name;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile boolean replaced;
  private final Object lock = new Object();
  private @Nullable String query;
  private List<ArchivedMessage> collected = List.of();
  private int bound;
  private int queries;

  SmackArchiveSession(
      XMPPTCPConnection connection, String account, Arrivals arrivals, String name) {
    this.connection = connection;
    this.account = account;
    this.arrivals = arrivals;
    this.name = name;
  }

  /** Looks at what arrives, by the reading thread; nothing is to be queued behind it. */
  boolean look(Stanza stanza) {
    if (stanza instanceof Message message) {
      if (message.getExtensionElement(ArchiveResult.NAME, ArchiveQuery.NAMESPACE)
          instanceof ArchiveResult result) {
        collect(result);
      } else {
        arrived(message);
      }
    }
    return false;
  }

  private void arrived(Message message) {
    if (message.getType() == Message.Type.error) {
      return;
    }
    if (message.hasExtension("delay", "urn:xmpp:delay")) {
      // From the server's store for absent accounts: the archive may have shown it long ago.
      arrivals.hint();
      return;
    }
    for (ExtensionElement each : message.getExtensions("stanza-id", "urn:xmpp:sid:0")) {
      if (each instanceof StandardExtensionElement stamp
          && account.equalsIgnoreCase(stamp.getAttributeValue("by"))
          && stamp.getAttributeValue("id") != null) {
        String from = message.getFrom() == null ? "" : message.getFrom().toString();
        arrivals.archived(
            MessageToken.of(stamp.getAttributeValue("id"), from, message.getStanzaId()));
        return;
      }
    }
    boolean meantAsReport =
        !message.getBodies().isEmpty()
            || message.hasExtension(ArchiveResult.REPORT, ArchiveResult.REPORT_NAMESPACE);
    if (meantAsReport) {
      arrivals.notArchived();
    } else {
      arrivals.hint();
    }
  }

  private void collect(ArchiveResult result) {
    synchronized (lock) {
      if (result.query().equals(query) && collected.size() <= bound) {
        collected.add(result.message());
      }
    }
  }

  void ended(@Nullable Exception cause) {
    replaced =
        cause instanceof XMPPException.StreamErrorException error
            && error.getStreamError().getCondition() == StreamError.Condition.conflict;
    closed.set(true);
    arrivals.hint();
  }

  @Override
  public ArchivePage page(@Nullable String after, int most)
      throws ArchiveException, InterruptedException {
    String asked;
    synchronized (lock) {
      asked = name + "-" + ++queries;
      query = asked;
      bound = most;
      collected = new ArrayList<>();
    }
    try {
      ArchiveEnd end =
          connection.sendIqRequestAndWaitForResponse(new ArchiveQuery(asked, after, most));
      return page(end, most);
    } catch (XMPPException | SmackException e) {
      throw SmackArchiveServer.failure("reading the archive", e);
    } finally {
      synchronized (lock) {
        query = null;
        collected = List.of();
      }
    }
  }

  private ArchivePage page(ArchiveEnd end, int most) throws ArchiveException {
    List<ArchivedMessage> messages;
    synchronized (lock) {
      messages = List.copyOf(collected);
    }
    if (messages.size() > most) {
      throw new ArchiveException(
          Reason.AWAY, "the server sent more than the " + most + " messages asked for", null);
    }
    for (ArchivedMessage message : messages) {
      if (message.id().isEmpty()) {
        throw new ArchiveException(Reason.AWAY, "the server sent a message without an id", null);
      }
    }
    String last = messages.isEmpty() ? end.last() : messages.getLast().id();
    if (end.last() != null && !end.last().equals(last)) {
      throw new ArchiveException(
          Reason.AWAY,
          "the page ends with the message " + last + ", the server says with " + end.last(),
          null);
    }
    return new ArchivePage(messages, last, end.complete());
  }

  @Override
  public void receipt(ArchivedMessage message) throws ArchiveException, InterruptedException {
    String id = message.messageId();
    if (id == null || message.from().isEmpty()) {
      return;
    }
    try {
      Message receipt =
          StanzaBuilder.buildMessage()
              .to(JidCreate.from(message.from()))
              .addExtension(
                  StandardExtensionElement.builder("received", ArchiveResult.RECEIPTS)
                      .addAttribute("id", id)
                      .build())
              .addExtension(StandardExtensionElement.builder("no-store", "urn:xmpp:hints").build())
              .build();
      if (!connection.trySendStanza(receipt, RECEIPT_WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
        throw new ArchiveException(Reason.AWAY, "the server takes nothing", null);
      }
    } catch (XmppStringprepException e) {
      // An address that is none cannot be answered.
      return;
    } catch (SmackException e) {
      throw SmackArchiveServer.failure("sending a receipt", e);
    }
  }

  @Override
  public boolean isOpen() {
    return !closed.get();
  }

  @Override
  public boolean isReplaced() {
    return replaced;
  }

  @Override
  public void close() {
    closed.set(true);
    connection.setReplyTimeout(RECEIPT_WAIT_MILLIS);
    connection.disconnect();
  }
}
