package org.plenum.report.xmpp;

import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.X509TrustManager;
import org.jivesoftware.smack.ConnectionConfiguration.SecurityMode;
import org.jivesoftware.smack.ConnectionListener;
import org.jivesoftware.smack.ReconnectionManager;
import org.jivesoftware.smack.SmackException;
import org.jivesoftware.smack.XMPPException;
import org.jivesoftware.smack.filter.StanzaFilter;
import org.jivesoftware.smack.packet.StreamError;
import org.jivesoftware.smack.provider.ProviderManager;
import org.jivesoftware.smack.sasl.SASLErrorException;
import org.jivesoftware.smack.tcp.XMPPTCPConnection;
import org.jivesoftware.smack.tcp.XMPPTCPConnectionConfiguration;
import org.jspecify.annotations.Nullable;
import org.plenum.report.xmpp.ArchiveException.Reason;

/**
 * An XMPP server reached by Smack. Each connection has a thread that reads and one that writes;
 * what arrives is looked at by the reading thread and never queued. Immutable and thread-safe.
 */
final class SmackArchiveServer implements ArchiveServer {
  private static final AtomicLong QUERIES = new AtomicLong();

  static {
    ProviderManager.addExtensionProvider(
        ArchiveResult.NAME, ArchiveQuery.NAMESPACE, new ArchiveResult.Provider());
    ProviderManager.addIQProvider(
        ArchiveEnd.NAME, ArchiveQuery.NAMESPACE, new ArchiveEnd.Provider());
    ReconnectionManager.setEnabledPerDefault(false);
  }

  private final XmppAccount account;
  private final Supplier<String> password;
  private final Link link;

  /**
   * How to connect.
   *
   * @param resource of the address; the server ends an older connection with the same one
   * @param tls whether STARTTLS is required; else nothing is encrypted and no plain password is
   *     sent
   * @param trust whom to believe; null for the authorities of the JVM
   * @param connectTimeout for the connection, and for each step of signing in
   * @param replyTimeout for each page
   */
  record Link(
      String resource,
      boolean tls,
      @Nullable X509TrustManager trust,
      Duration connectTimeout,
      Duration replyTimeout) {}

  SmackArchiveServer(XmppAccount account, Supplier<String> password, Link link) {
    this.account = account;
    this.password = password;
    this.link = link;
  }

  @Override
  public ArchiveSession open(Arrivals arrivals) throws ArchiveException, InterruptedException {
    XMPPTCPConnection connection = new XMPPTCPConnection(configuration());
    connection.setUseStreamManagement(false);
    connection.setReplyTimeout(link.connectTimeout().toMillis());
    // A live message that cannot be read is a hint like any other: its reading is the archive's.
    connection.setParsingExceptionCallback(unreadable -> arrivals.hint());
    SmackArchiveSession session =
        new SmackArchiveSession(
            connection, account.jid(), arrivals, "plenum-" + QUERIES.incrementAndGet());
    connection.addConnectionListener(
        new ConnectionListener() {
          @Override
          public void connectionClosed() {
            session.ended(null);
          }

          @Override
          public void connectionClosedOnError(Exception e) {
            session.ended(e);
          }
        });
    connection.addStanzaListener(stanza -> {}, (StanzaFilter) session::look);
    boolean open = false;
    try {
      connection.connect();
      connection.login();
      connection.setReplyTimeout(link.replyTimeout().toMillis());
      open = true;
      return session;
    } catch (XMPPException | SmackException | IOException e) {
      throw failure("signing in", e);
    } finally {
      if (!open) {
        session.close();
      }
    }
  }

  private XMPPTCPConnectionConfiguration configuration() throws ArchiveException {
    try {
      XMPPTCPConnectionConfiguration.Builder builder =
          XMPPTCPConnectionConfiguration.builder()
              .setXmppAddressAndPassword(account.jid(), password.get())
              .setResource(link.resource())
              .setConnectTimeout((int) link.connectTimeout().toMillis())
              .setSecurityMode(link.tls() ? SecurityMode.required : SecurityMode.disabled)
              .setCompressionEnabled(false)
              .setSendPresence(true);
      if (!link.tls()) {
        builder.addEnabledSaslMechanism("SCRAM-SHA-1");
      }
      if (link.trust() != null) {
        builder.setCustomX509TrustManager(link.trust());
      }
      if (account.host() != null) {
        builder.setHost(account.host()).setPort(account.port());
      }
      return builder.build();
    } catch (IOException | RuntimeException e) {
      throw new ArchiveException(
          Reason.REFUSED, "the account cannot be used: " + e.getMessage(), e);
    }
  }

  /** What a failure means, with a sentence for the administrator. */
  static ArchiveException failure(String doing, Exception e) {
    if (e instanceof XMPPException.XMPPErrorException error) {
      return switch (error.getStanzaError().getCondition()) {
        case item_not_found -> new ArchiveException(Reason.GONE, sentence(doing, e), e);
        case service_unavailable, feature_not_implemented ->
            new ArchiveException(
                Reason.REFUSED,
                "the server has no message archive (XEP-0313) for the account: "
                    + sentence(doing, e),
                e);
        case not_authorized, forbidden, not_allowed ->
            new ArchiveException(Reason.REFUSED, sentence(doing, e), e);
        default -> new ArchiveException(Reason.AWAY, sentence(doing, e), e);
      };
    }
    boolean refused =
        e instanceof SASLErrorException
            || e instanceof SmackException.SecurityRequiredException
            || (e instanceof XMPPException.StreamErrorException stream
                && stream.getStreamError().getCondition() == StreamError.Condition.host_unknown)
            || (causedBy(e, SSLHandshakeException.class) && !causedBy(e, EOFException.class));
    return new ArchiveException(refused ? Reason.REFUSED : Reason.AWAY, sentence(doing, e), e);
  }

  private static boolean causedBy(Throwable e, Class<? extends Throwable> kind) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (kind.isInstance(cause)) {
        return true;
      }
    }
    return false;
  }

  private static String sentence(String doing, Exception e) {
    String message = e.getMessage();
    return doing
        + " failed: "
        + (message == null
            ? e.getClass().getSimpleName()
            : message.lines().findFirst().orElse("").strip());
  }
}
