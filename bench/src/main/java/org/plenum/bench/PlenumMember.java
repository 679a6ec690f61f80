package org.plenum.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.plenum.bench.net.WebSocketConnection;

/** A member that talks to Plenum over a WebSocket, and checks that the stream has no gap. */
final class PlenumMember extends WebSocketConnection implements Member {
  private static final byte[] UPDATES = bytes("\"type\":\"updates\"");
  private static final byte[] ACK = bytes("\"type\":\"ack\"");
  private static final byte[] ERROR = bytes("\"type\":\"error\"");
  private static final byte[] WELCOME = bytes("\"type\":\"welcome\"");
  private static final byte[] RESYNC = bytes("\"type\":\"resync\"");
  private static final byte[] TYPE = bytes("\"type\":\"");
  private static final byte[] SEQ = bytes("{\"seq\":");
  private static final byte[] TEXT = bytes("\"text\":\"@");

  /**
   * Odd, and so invertible: ids that differ in a few low bits would all meet in one hash bucket.
   */
  private static final long SPREAD = 0x9E37_79B9_7F4A_7C15L;

  private static final long GATHER = 0xF1DE_83E1_9937_733DL;

  private final Load load;
  private final Runnable ready;
  private final int number;
  private final int room;
  private final String group;
  private final byte[] groupKey;
  private final byte[] afterId;
  private final long run;
  private long lastSeq = -1;
  private long sentAt;

  /**
   * A member to be connected.
   *
   * @param run upper half of all client ids of this run
   * @param ready called when the member was welcomed
   */
  PlenumMember(
      Load load,
      int port,
      String token,
      int number,
      int room,
      String group,
      long run,
      Runnable ready) {
    super(port, "/plenum/api/v1/stream", token);
    this.load = load;
    this.ready = ready;
    this.number = number;
    this.room = room;
    this.group = group;
    this.groupKey = bytes("\"" + group + "\":{\"seq\":");
    this.afterId = bytes("\",\"group\":\"" + group + "\",\"text\":\"");
    this.run = run;
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
    ByteArrayOutputStream frame = new ByteArrayOutputStream(320);
    frame.writeBytes(bytes("{\"type\":\"post\",\"id\":\""));
    frame.writeBytes(bytes(clientId(run, number, n).toString()));
    frame.writeBytes(afterId);
    frame.writeBytes(text);
    frame.writeBytes(bytes("\"}"));
    sentAt = System.nanoTime();
    sendText(frame.toByteArray());
  }

  /** Sender and number of a client id's lower half. */
  static long senderAndNumber(UUID clientId) {
    return clientId.getLeastSignificantBits() * GATHER;
  }

  /** The client id of a post. */
  static UUID clientId(long run, int sender, int n) {
    return new UUID(run, (((long) sender << 32) | n) * SPREAD);
  }

  @Override
  protected void opened() {
    sendText(bytes("{\"type\":\"hello\",\"resume\":{}}"));
  }

  @Override
  protected void text(byte[] bytes, int from, int to) {
    long now = System.nanoTime();
    int head = Math.min(to, from + 64);
    if (Scan.after(bytes, from, head, UPDATES) >= 0) {
      updates(bytes, from, to, now);
    } else if (Scan.after(bytes, from, head, ACK) >= 0) {
      load.acknowledged(this, sentAt, now);
    } else if (Scan.after(bytes, from, head, ERROR) >= 0) {
      load.fault("member " + number + ": " + new String(bytes, from, to - from, ISO_8859_1));
      load.acknowledged(this, sentAt, now);
    } else if (Scan.after(bytes, from, head, WELCOME) >= 0) {
      welcomed(bytes, from, to);
    } else if (Scan.after(bytes, from, head, RESYNC) >= 0) {
      load.notice("resync");
      sendText(bytes("{\"type\":\"hello\",\"resume\":{\"" + group + "\":" + lastSeq + "}}"));
    } else {
      int type = Scan.after(bytes, from, head, TYPE);
      int end = type;
      while (end >= 0 && end < to && bytes[end] != '"') {
        end++;
      }
      load.notice(type < 0 ? "unknown" : new String(bytes, type, end - type, ISO_8859_1));
    }
  }

  private void updates(byte[] bytes, int from, int to, long now) {
    int entry = Scan.after(bytes, from, to, SEQ);
    while (entry >= 0) {
      long seq = Scan.number(bytes, entry);
      int next = Scan.after(bytes, entry, to, SEQ);
      int text = Scan.after(bytes, entry, next < 0 ? to : next, TEXT);
      if (seq == lastSeq + 1) {
        lastSeq = seq;
        if (text >= 0) {
          load.delivered(this, bytes, text - 1, now);
        }
      } else if (seq <= lastSeq) {
        load.notice("entry again");
      } else {
        load.fault("member %d: seq %d after %d".formatted(number, seq, lastSeq));
        lastSeq = seq;
      }
      entry = next;
    }
  }

  private void welcomed(byte[] bytes, int from, int to) {
    if (lastSeq >= 0) {
      return;
    }
    int seq = Scan.after(bytes, from, to, groupKey);
    if (seq < 0) {
      load.fault("member %d: its group is not in the welcome".formatted(number));
      return;
    }
    lastSeq = Scan.number(bytes, seq);
    load.joined(this);
    ready.run();
  }

  @Override
  protected void ended(@Nullable Throwable cause) {
    load.fault("member %d: connection ended: %s".formatted(number, cause));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(ISO_8859_1);
  }
}
