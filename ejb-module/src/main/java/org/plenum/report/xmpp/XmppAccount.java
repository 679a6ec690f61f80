package org.plenum.report.xmpp;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An account on an XMPP server, as the configuration names it: {@code reports@chat.example}, or
 * {@code reports@chat.example=10.1.2.3:5222} where the server is not found by DNS.
 *
 * @param jid address of the account, without resource, in lower case
 * @param host host or address to connect to; null to ask DNS for the domain's servers
 * @param port TCP port; 0 when DNS says
 */
record XmppAccount(String jid, @Nullable String host, int port) {
  private static final Pattern FORM =
      Pattern.compile(
          "([^@/=\\s]{1,200})@([\\p{L}\\p{N}._-]{1,200})(?:=(\\[[0-9a-fA-F:.]+]|[\\p{L}\\p{N}._-]+):(\\d{1,5}))?");
  private static final int MAX_PORT = 65_535;
  private static final int MAX_JID = 150;

  /**
   * Reads one element of the configuration.
   *
   * @throws IllegalArgumentException with a sentence for the administrator
   */
  static XmppAccount parse(String text) {
    Matcher parts = FORM.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' must have the form account@domain or account@domain=host:port");
    }
    String jid = lower(parts.group(1)) + "@" + lower(parts.group(2));
    if (jid.length() > MAX_JID) {
      throw new IllegalArgumentException("'" + jid + "' has more than " + MAX_JID + " characters");
    }
    String host = parts.group(3);
    if (host == null) {
      return new XmppAccount(jid, null, 0);
    }
    int port = Integer.parseInt(parts.group(4));
    if (port < 1 || port > MAX_PORT) {
      throw new IllegalArgumentException("'" + text + "' has a port out of 1 to " + MAX_PORT);
    }
    return new XmppAccount(jid, host.replace("[", "").replace("]", ""), port);
  }

  private static String lower(String text) {
    return text.toLowerCase(java.util.Locale.ROOT);
  }

  /** The server's domain. */
  String domain() {
    return jid.substring(jid.indexOf('@') + 1);
  }

  /** The source of its reports. */
  String source() {
    return "xmpp/" + jid;
  }
}
