package org.plenum.report.xmpp;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.Config;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.platform.config.ConfigKey;

/** Configuration of the XMPP intake of reports. */
public final class XmppConfig {
  /** The servers. */
  public static final ConfigKey<List<String>> SERVERS =
      ConfigKey.list(
          "plenum.xmpp.servers",
          "",
          "XMPP servers whose archives hold reports, as account@domain or account@domain=host:port;"
              + " the same on every node, each is read by one of them; none for no XMPP.");

  /** Password of the accounts. */
  public static final ConfigKey<String> PASSWORD =
      ConfigKey.text(
          "plenum.xmpp.password",
          "",
          "Password of the accounts; a password alias of the server keeps it out of files:"
              + " ${ALIAS=name}.");

  /** Passwords in a file. */
  public static final ConfigKey<String> PASSWORD_FILE =
      ConfigKey.text(
          "plenum.xmpp.password-file",
          "",
          "File with one line 'account@domain password' for each account that has a password of its"
              + " own; read at each connection, so that a change needs no restart.");

  /** Encryption. */
  public static final ConfigKey<Boolean> TLS =
      ConfigKey.flag(
          "plenum.xmpp.tls",
          true,
          "Whether the connection must be encrypted (STARTTLS, a certificate for the server's"
              + " domain); false for a server on the same host: nothing is encrypted, and the"
              + " password is not sent in plain.");

  /** Authorities. */
  public static final ConfigKey<String> TRUST_FILE =
      ConfigKey.text(
          "plenum.xmpp.trust-file",
          "",
          "File with the certificates (PEM) of the authorities that vouch for the servers; empty"
              + " for those of the JVM.");

  /** Resource. */
  public static final ConfigKey<String> RESOURCE =
      ConfigKey.text(
          "plenum.xmpp.resource",
          "plenum",
          "Resource of the connection; the server ends an older connection with the same one.");

  /** Page. */
  public static final ConfigKey<Integer> PAGE =
      ConfigKey.integer(
          "plenum.xmpp.page",
          250,
          1,
          1_000,
          "Messages asked for at a time, in memory together; servers have a bound of their own.");

  /** Poll. */
  public static final ConfigKey<Duration> POLL =
      ConfigKey.duration(
          "plenum.xmpp.poll",
          "30s",
          "How often an idle archive is asked all the same, which also finds out whether the"
              + " connection still stands.");

  /** Overlap. */
  public static final ConfigKey<Duration> OVERLAP =
      ConfigKey.duration(
          "plenum.xmpp.overlap",
          "10s",
          "By how much an archive is read again after each connection, and when a message that came"
              + " was not among those read: longer than a server takes from seeing a message to"
              + " having it in the archive.");

  /** Bound of the overlap. */
  public static final ConfigKey<Integer> OVERLAP_MESSAGES =
      ConfigKey.integer(
          "plenum.xmpp.overlap-messages",
          50_000,
          100,
          1_000_000,
          "Messages of each server that are remembered for that, about 300 bytes each; when more"
              + " come within the overlap, it is shorter.");

  /** Connect time-out. */
  public static final ConfigKey<Duration> CONNECT_TIMEOUT =
      ConfigKey.duration(
          "plenum.xmpp.connect-timeout", "10s", "Limit of each step of connecting and signing in.");

  /** Reply time-out. */
  public static final ConfigKey<Duration> REPLY_TIMEOUT =
      ConfigKey.duration(
          "plenum.xmpp.reply-timeout",
          "30s",
          "How long a page may take before the connection counts as lost.");

  /** Submit time-out. */
  public static final ConfigKey<Duration> SUBMIT_TIMEOUT =
      ConfigKey.duration(
          "plenum.xmpp.submit-timeout",
          "30s",
          "How long the report queue may take for a page before the page is read again.");

  /** First pause. */
  public static final ConfigKey<Duration> FIRST_PAUSE =
      ConfigKey.duration(
          "plenum.xmpp.back-off.first",
          "500ms",
          "Pause after a connection was lost; doubles with each failure, less up to half by"
              + " chance.");

  /** Longest pause. */
  public static final ConfigKey<Duration> LONGEST_PAUSE =
      ConfigKey.duration(
          "plenum.xmpp.back-off.longest",
          "30s",
          "Longest pause between attempts; at once after a refused password or certificate.");

  /** Size cap. */
  public static final ConfigKey<Integer> MAX_BYTES =
      ConfigKey.integer(
          "plenum.xmpp.max-bytes",
          65_536,
          256,
          1_048_576,
          "Largest text of a report in bytes of UTF-8; a larger one becomes a dead letter, cut.");

  /** Who may report for others. */
  public static final ConfigKey<List<String>> REPORTERS =
      ConfigKey.list(
          "plenum.xmpp.reporters",
          "",
          "Addresses (account@domain) that may report for any user; all others report as"
              + " themselves, and only accounts of the server's own domain.");

  /** Receipts. */
  public static final ConfigKey<Boolean> RECEIPTS =
      ConfigKey.flag(
          "plenum.xmpp.receipts",
          true,
          "Whether a sender that asks for a delivery receipt (XEP-0184) gets one when its report is"
              + " durable.");

  /** Lease. */
  public static final ConfigKey<Integer> LEASE_SECONDS =
      ConfigKey.integer(
          "plenum.xmpp.lease-seconds",
          10,
          2,
          300,
          "Seconds after which another node takes over the servers of a node that is gone, by the"
              + " clock of the database.");

  /** Renewal. */
  public static final ConfigKey<Duration> RENEW =
      ConfigKey.duration(
          "plenum.xmpp.renew",
          "2s",
          "How often a node renews its leases and looks for servers without owner.");

  /** Retention of letters. */
  public static final ConfigKey<Integer> LETTER_LIMIT =
      ConfigKey.integer(
          "plenum.xmpp.dead-letters.limit",
          10_000,
          100,
          1_000_000,
          "Messages that were no reports and are kept for each server; beyond it the oldest go.");

  /** Every key. */
  public static final List<ConfigKey<?>> KEYS =
      List.of(
          SERVERS,
          PASSWORD,
          PASSWORD_FILE,
          TLS,
          TRUST_FILE,
          RESOURCE,
          PAGE,
          POLL,
          OVERLAP,
          OVERLAP_MESSAGES,
          CONNECT_TIMEOUT,
          REPLY_TIMEOUT,
          SUBMIT_TIMEOUT,
          FIRST_PAUSE,
          LONGEST_PAUSE,
          MAX_BYTES,
          REPORTERS,
          RECEIPTS,
          LEASE_SECONDS,
          RENEW,
          LETTER_LIMIT);

  private XmppConfig() {}

  /** Bounds and times of reading an archive. */
  static XmppIntake.Pace pace(Config config) {
    return new XmppIntake.Pace(
        PAGE.from(config),
        POLL.from(config),
        OVERLAP.from(config),
        OVERLAP_MESSAGES.from(config),
        SUBMIT_TIMEOUT.from(config),
        FIRST_PAUSE.from(config),
        LONGEST_PAUSE.from(config),
        RECEIPTS.from(config));
  }

  /**
   * The servers.
   *
   * @throws ServiceException INVALID_VALUE when one is not as it must be, or is there twice
   */
  static List<XmppAccount> servers(Config config) {
    List<XmppAccount> accounts = parsed(SERVERS, config);
    Set<String> seen = new HashSet<>();
    for (XmppAccount account : accounts) {
      if (!seen.add(account.jid())) {
        throw new ServiceException(
            ErrorCode.INVALID_VALUE,
            "configuration key " + SERVERS.name() + " names " + account.jid() + " twice");
      }
    }
    return accounts;
  }

  /**
   * The addresses that may report for any user.
   *
   * @throws ServiceException INVALID_VALUE when one is none
   */
  static Set<String> reporters(Config config) {
    return parsed(REPORTERS, config).stream()
        .map(XmppAccount::jid)
        .collect(Collectors.toUnmodifiableSet());
  }

  private static List<XmppAccount> parsed(ConfigKey<List<String>> key, Config config) {
    try {
      return key.from(config).stream().map(XmppAccount::parse).toList();
    } catch (IllegalArgumentException e) {
      throw new ServiceException(
          ErrorCode.INVALID_VALUE,
          "configuration key " + key.name() + ": " + e.getMessage(),
          null,
          e);
    }
  }
}
