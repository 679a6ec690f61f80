package org.plenum.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Base64;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A chat client that reports, as lean as can be: plain password, stream management (XEP-0198) for
 * the server's acknowledgements, delivery receipts (XEP-0184) for the reader's. For one thread.
 */
public final class XmppSender implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int POLL_MILLIS = 100;
  private static final Pattern ACK = Pattern.compile("<a [^>]*?h=['\"](\\d+)['\"][^>]*>");
  private static final Pattern RECEIVED =
      Pattern.compile("<received [^>]*?id=['\"]([^'\"]+)['\"][^>]*>");
  private static final Pattern ERROR =
      Pattern.compile(
          "<message [^>]*?type=['\"]error['\"][^>]*?id=['\"]([^'\"]+)['\"]|"
              + "<message [^>]*?id=['\"]([^'\"]+)['\"][^>]*?type=['\"]error['\"]");

  private final Socket socket;
  private final InputStream in;
  private final StringBuilder unread = new StringBuilder();
  private final Set<String> receipts = new HashSet<>();
  private final Set<String> errors = new HashSet<>();
  private long sent;
  private long acknowledged;

  private XmppSender(int port) throws IOException {
    socket = new Socket();
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 5_000);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout((int) LIMIT.toMillis());
    in = socket.getInputStream();
  }

  /** Makes an account by in-band registration (XEP-0077). */
  public static void register(XmppServer server, String user, String password) throws IOException {
    try (XmppSender sender = new XmppSender(server.port())) {
      sender.openStream();
      sender.write(
          "<iq type='set' id='reg'><query xmlns='jabber:iq:register'><username>%s</username><password>%s</password></query></iq>"
              .formatted(user, password));
      String answer = sender.until("</iq>", "<iq [^>]*/>");
      if (!answer.contains("result")) {
        throw new IOException("the account " + user + " was not made: " + answer);
      }
    }
  }

  /** Signs in. */
  public static XmppSender connect(XmppServer server, String user, String password)
      throws IOException {
    XmppSender sender = new XmppSender(server.port());
    try {
      sender.signIn(user, password);
      return sender;
    } catch (IOException e) {
      sender.close();
      throw e;
    }
  }

  /**
   * Signs in with the resource of another connection and leaves again: the server ends the other
   * one, which sees that it was replaced.
   */
  public static void displace(XmppServer server, String user, String password, String resource)
      throws IOException {
    try (XmppSender sender = new XmppSender(server.port())) {
      sender.authenticate(user, password);
      sender.bind("<resource>" + resource + "</resource>");
    }
  }

  private void signIn(String user, String password) throws IOException {
    authenticate(user, password);
    bind("");
    write("<enable xmlns='urn:xmpp:sm:3'/>");
    until("<enabled [^>]*>");
    // Receipts are sent to the address that the report came from; the sender has to be present.
    write("<presence/>");
    sent++;
  }

  private void authenticate(String user, String password) throws IOException {
    openStream();
    String secret =
        Base64.getEncoder().encodeToString(("\0" + user + "\0" + password).getBytes(UTF_8));
    write(
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>%s</auth>"
            .formatted(secret));
    String answer = until("<success[^>]*>", "</failure>");
    if (answer.contains("<failure")) {
      throw new IOException("signing in failed: " + answer);
    }
    openStream();
  }

  private void bind(String resource) throws IOException {
    write(
        "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>%s</bind></iq>"
            .formatted(resource));
    until("</iq>");
  }

  private void openStream() throws IOException {
    write(
        "<stream:stream to='%s' xmlns='jabber:client' version='1.0' xmlns:stream='http://etherx.jabber.org/streams'>"
            .formatted(XmppServer.DOMAIN));
    until("</stream:features>");
  }

  /**
   * Sends a message to an account of the same server.
   *
   * @param id of the message
   * @param content what is in it, as XML
   */
  public void send(String to, String id, String content) throws IOException {
    write(
        "<message type='normal' to='%s@%s' id='%s'>%s</message>"
            .formatted(to, XmppServer.DOMAIN, id, content));
    sent++;
  }

  /** A body with this text. */
  public static String body(String text) {
    return "<body>" + escape(text) + "</body>";
  }

  /** The request for a receipt. */
  public static String receiptRequest() {
    return "<request xmlns='urn:xmpp:receipts'/>";
  }

  /** The text as XML. */
  public static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /** Waits until the server has acknowledged everything that was sent. */
  public void awaitServer() throws IOException {
    write("<r xmlns='urn:xmpp:sm:3'/>");
    long end = System.nanoTime() + LIMIT.toNanos();
    while (acknowledged < sent) {
      read(end);
    }
  }

  /** Waits until receipts of all these messages, or errors, are there. */
  public void awaitReceipts(Set<String> ids) throws IOException {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!ids.stream().allMatch(id -> receipts.contains(id) || errors.contains(id))) {
      read(end);
    }
  }

  /** Ids of the messages whose receipts have come. */
  public Set<String> receipts() {
    return Set.copyOf(receipts);
  }

  /** Ids of the messages that were answered with an error. */
  public Set<String> errors() {
    return Set.copyOf(errors);
  }

  private void read(long end) throws IOException {
    if (System.nanoTime() - end > 0) {
      throw new IOException("no answer in " + LIMIT + "; unread: " + unread);
    }
    socket.setSoTimeout(POLL_MILLIS);
    try {
      more();
    } catch (java.net.SocketTimeoutException e) {
      return;
    } finally {
      socket.setSoTimeout((int) LIMIT.toMillis());
    }
    Matcher ack = ACK.matcher(unread);
    while (ack.find()) {
      acknowledged = Long.parseLong(ack.group(1));
    }
    Matcher received = RECEIVED.matcher(unread);
    while (received.find()) {
      receipts.add(received.group(1));
    }
    Matcher error = ERROR.matcher(unread);
    while (error.find()) {
      errors.add(error.group(1) == null ? error.group(2) : error.group(1));
    }
    // What could be the beginning of something stays.
    int whole = unread.lastIndexOf(">");
    unread.delete(0, Math.max(0, unread.lastIndexOf("<", whole)));
  }

  private void more() throws IOException {
    byte[] buffer = new byte[8_192];
    int count = in.read(buffer);
    if (count < 0) {
      throw new IOException("the server ended the connection; unread: " + unread);
    }
    unread.append(new String(buffer, 0, count, UTF_8));
  }

  private String until(String... ends) throws IOException {
    Pattern pattern = Pattern.compile(String.join("|", ends));
    while (true) {
      Matcher matcher = pattern.matcher(unread);
      if (matcher.find()) {
        String found = unread.substring(0, matcher.end());
        unread.delete(0, matcher.end());
        return found;
      }
      more();
    }
  }

  private void write(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(UTF_8));
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
