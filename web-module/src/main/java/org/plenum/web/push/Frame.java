package org.plenum.web.push;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plenum.update.Update;

/**
 * One outgoing frame, encoded once and shared by every socket it goes to. Immutable but for the
 * form of server-sent events, which is made when first asked for.
 *
 * <p>A server-sent event has an id only where everything up to that position came before it: groups
 * are sent by several threads, so the revision of one group's update says nothing about the others.
 * A client that reconnects with the last id it saw gets all that follows, some of it again.
 */
final class Frame {
  /** How frames look on the wire. */
  enum Framing {
    WEB_SOCKET,
    EVENTS
  }

  private static final byte[] SUFFIX = "]}".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] EMPTY = new byte[0];

  private final byte[] webSocket;
  private final int payloadAt;
  private final long position;
  private final @Nullable GroupChannel group;
  private final int entries;
  private byte @Nullable [] events;

  private Frame(
      byte[] webSocket, int payloadAt, long position, @Nullable GroupChannel group, int entries) {
    this.webSocket = webSocket;
    this.payloadAt = payloadAt;
    this.position = position;
    this.group = group;
    this.entries = entries;
  }

  /** A text frame that belongs to no group's backlog. */
  static Frame text(String json) {
    return ofGroup(json, null);
  }

  /** A text frame that is dropped together with a group's backlog. */
  static Frame ofGroup(String json, @Nullable GroupChannel group) {
    byte[] payload = json.getBytes(StandardCharsets.UTF_8);
    byte[] frame = new byte[WebSocketFrames.headerSize(payload.length) + payload.length];
    int at = WebSocketFrames.textHeader(frame, payload.length);
    System.arraycopy(payload, 0, frame, at, payload.length);
    return new Frame(frame, at, 0, group, 0);
  }

  /**
   * The first frame of a client of server-sent events that starts at the heads as of a position.
   */
  static Frame welcome(Frame welcome, long position) {
    return new Frame(welcome.webSocket, welcome.payloadAt, position, null, 0);
  }

  /** Says to a client of server-sent events that it has everything up to a position. */
  static Frame checkpoint(long position) {
    Frame frame = text("{\"type\":\"heartbeat\",\"heads\":{}}");
    return new Frame(frame.webSocket, frame.payloadAt, position, null, 0);
  }

  /** A control frame; server-sent events have none and get a comment instead. */
  static Frame control(byte[] frame) {
    return new Frame(frame, frame.length, 0, null, 0);
  }

  /** The entries of updates that follow each other in their group, as one array. */
  static Frame updates(GroupChannel group, List<Update> updates, int from, int to) {
    byte[] prefix = group.updatesPrefix();
    int payload = prefix.length + SUFFIX.length + (to - from - 1);
    for (int i = from; i < to; i++) {
      payload += updates.get(i).json().length;
    }
    byte[] frame = new byte[WebSocketFrames.headerSize(payload) + payload];
    int start = WebSocketFrames.textHeader(frame, payload);
    int at = put(frame, start, prefix);
    for (int i = from; i < to; i++) {
      if (i > from) {
        frame[at++] = ',';
      }
      at = put(frame, at, updates.get(i).json());
    }
    put(frame, at, SUFFIX);
    return new Frame(frame, start, 0, group, to - from);
  }

  /** Entries of a group's history as one array. */
  static Frame history(GroupChannel group, List<byte[]> entries) {
    byte[] prefix = group.updatesPrefix();
    int payload = prefix.length + SUFFIX.length + (entries.size() - 1);
    for (byte[] entry : entries) {
      payload += entry.length;
    }
    byte[] frame = new byte[WebSocketFrames.headerSize(payload) + payload];
    int start = WebSocketFrames.textHeader(frame, payload);
    int at = put(frame, start, prefix);
    boolean first = true;
    for (byte[] entry : entries) {
      if (!first) {
        frame[at++] = ',';
      }
      first = false;
      at = put(frame, at, entry);
    }
    put(frame, at, SUFFIX);
    return new Frame(frame, start, 0, group, entries.size());
  }

  /** The bytes for a socket; shared, never modified. */
  byte[] bytes(Framing framing) {
    if (framing == Framing.WEB_SOCKET) {
      return webSocket;
    }
    byte[] made = events;
    if (made == null) {
      made = asEvent();
      events = made;
    }
    return made;
  }

  /** The group whose backlog this frame is part of, or null. */
  @Nullable GroupChannel group() {
    return group;
  }

  /** Whether this frame says that everything up to a position came before it. */
  boolean positioned() {
    return position != 0;
  }

  /** Entries of the group's stream in this frame. */
  int entries() {
    return entries;
  }

  /** The JSON, for tests and logs. */
  String json() {
    return new String(webSocket, payloadAt, webSocket.length - payloadAt, StandardCharsets.UTF_8);
  }

  private byte[] asEvent() {
    int payload = webSocket.length - payloadAt;
    if (payload == 0) {
      return ":\n\n".getBytes(StandardCharsets.US_ASCII);
    }
    byte[] id =
        position == 0 ? EMPTY : ("id: " + position + "\n").getBytes(StandardCharsets.US_ASCII);
    byte[] event = new byte[id.length + 6 + payload + 2];
    int at = put(event, 0, id);
    at = put(event, at, "data: ".getBytes(StandardCharsets.US_ASCII));
    System.arraycopy(webSocket, payloadAt, event, at, payload);
    event[event.length - 2] = '\n';
    event[event.length - 1] = '\n';
    return event;
  }

  private static int put(byte[] target, int at, byte[] bytes) {
    System.arraycopy(bytes, 0, target, at, bytes.length);
    return at + bytes.length;
  }
}
