package org.plenum.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.plenum.bench.net.Connection;

/**
 * An occupant of a room of an XMPP server, as lean as the server allows: plain password, no stream
 * management, no roster. Its own message coming back is the acknowledgement.
 */
final class XmppMember extends Connection implements Member {
  private static final byte[] FEATURES = bytes("</stream:features>");
  private static final byte[] SUCCESS = bytes("<success");
  private static final byte[] FAILURE = bytes("<failure");
  private static final byte[] IQ_END = bytes("</iq>");
  private static final byte[] JOINED = bytes("status code='110'");
  private static final byte[] PRESENCE_END = bytes("</presence>");
  private static final byte[] BODY = bytes("<body>@");
  private static final byte[] MESSAGE_END = bytes("</message>");

  private final Load load;
  private final Runnable ready;
  private final String host;
  private final int number;
  private final int room;
  private final int roomName;
  private Step step = Step.GREETED;
  private long sentAt;

  private enum Step {
    GREETED,
    AUTHENTICATING,
    SIGNED_IN,
    BINDING,
    ENTERING,
    CHATTING
  }

  XmppMember(Load load, String host, int number, int room, int roomName, Runnable ready) {
    this.load = load;
    this.host = host;
    this.number = number;
    this.room = room;
    this.roomName = roomName;
    this.ready = ready;
  }

  @Override
  public int number() {
    return number;
  }

  @Override
  public int room() {
    return room;
  }

  @Override
  public void post(int n, byte[] text) {
    sentAt = System.nanoTime();
    write(
        "<message type='groupchat' to='%s' id='%d'><body>%s</body></message>"
            .formatted(address(), n, new String(text, ISO_8859_1)));
  }

  private String address() {
    return "r%d@conference.%s".formatted(roomName, host);
  }

  @Override
  protected void connected() {
    openStream();
  }

  private void openStream() {
    write(
        "<stream:stream to='%s' xmlns='jabber:client' version='1.0'".formatted(host)
            + " xmlns:stream='http://etherx.jabber.org/streams'>");
  }

  @Override
  protected int received(byte[] bytes, int from, int to) {
    int at = from;
    while (true) {
      int next = step == Step.CHATTING ? message(bytes, at, to) : setUp(bytes, at, to);
      if (next < 0) {
        return at;
      }
      at = next;
    }
  }

  private int message(byte[] bytes, int at, int to) {
    int end = Scan.after(bytes, at, to, MESSAGE_END);
    if (end < 0) {
      return -1;
    }
    int body = Scan.after(bytes, at, end, BODY);
    if (body >= 0) {
      long now = System.nanoTime();
      load.delivered(this, bytes, body - 1, now);
      if (Stamp.sender(bytes, body - 1) == number) {
        load.acknowledged(this, sentAt, now);
      }
    }
    return end;
  }

  private int setUp(byte[] bytes, int at, int to) {
    switch (step) {
      case GREETED -> {
        int end = Scan.after(bytes, at, to, FEATURES);
        if (end >= 0) {
          step = Step.AUTHENTICATING;
          String secret = "\0u" + number + "\0secret";
          write(
              "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>%s</auth>"
                  .formatted(Base64.getEncoder().encodeToString(secret.getBytes(US_ASCII))));
        }
        return end;
      }
      case AUTHENTICATING -> {
        if (Scan.after(bytes, at, to, FAILURE) >= 0) {
          throw new IllegalStateException("signing in failed");
        }
        int end = Scan.after(bytes, at, to, SUCCESS);
        if (end >= 0) {
          step = Step.SIGNED_IN;
          openStream();
        }
        return end;
      }
      case SIGNED_IN -> {
        int end = Scan.after(bytes, at, to, FEATURES);
        if (end >= 0) {
          step = Step.BINDING;
          write("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
        }
        return end;
      }
      case BINDING -> {
        int end = Scan.after(bytes, at, to, IQ_END);
        if (end >= 0) {
          step = Step.ENTERING;
          write(
              "<presence to='%s/u%d'><x xmlns='http://jabber.org/protocol/muc'>"
                      .formatted(address(), number)
                  + "<history maxstanzas='0'/></x></presence>");
        }
        return end;
      }
      default -> {
        int self = Scan.after(bytes, at, to, JOINED);
        int end = self < 0 ? -1 : Scan.after(bytes, self, to, PRESENCE_END);
        if (end >= 0) {
          step = Step.CHATTING;
          load.joined(this);
          ready.run();
        }
        return end;
      }
    }
  }

  @Override
  protected void ended(@Nullable Throwable cause) {
    load.fault("occupant %d: connection ended in step %s: %s".formatted(number, step, cause));
  }

  private void write(String text) {
    send(ByteBuffer.wrap(bytes(text)));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(ISO_8859_1);
  }
}
