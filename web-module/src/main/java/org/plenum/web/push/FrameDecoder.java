package org.plenum.web.push;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.enums.Opcode;
import org.java_websocket.exceptions.InvalidDataException;
import org.java_websocket.framing.Framedata;
import org.jspecify.annotations.Nullable;

/**
 * Turns the bytes of one client into messages (RFC 6455, sections 5 to 8). The library decodes and
 * checks each frame; this class finds where frames end before anything is buffered, so that an
 * unmasked or oversized frame is refused by its header, joins fragments, and validates text. It
 * holds memory only while a frame or a message is incomplete. Not thread-safe.
 */
final class FrameDecoder {
  /**
   * Shared by all sockets: given whole frames and no extensions the draft keeps no state between
   * calls.
   */
  private static final Draft_6455 DRAFT = new Draft_6455();

  private static final int MAX_CONTROL = 125;
  private static final int LONGEST_HEADER = 14;
  private static final int SHORT_HEADER = 6;
  private static final int CLOSING = 0x8;
  private static final byte[] NONE = new byte[0];

  /** What arrives. Payloads are valid only during the call. */
  interface Events {
    void onText(byte[] utf8, int length) throws ProtocolViolation;

    void onBinary() throws ProtocolViolation;

    void onPing(byte[] payload);

    void onPong();

    /** The peer closes; the code is {@link CloseCode#NO_STATUS} when it gave none. */
    void onClose(int code);
  }

  private final int messageLimit;
  private byte[] partial = NONE;
  private int partialLength;
  private byte[] message = NONE;
  private int messageLength;
  private @Nullable Opcode messageType;
  private boolean closed;

  FrameDecoder(int messageLimit) {
    this.messageLimit = messageLimit;
  }

  /** Takes bytes as they come; what follows a close frame is ignored. */
  void feed(byte[] bytes, int offset, int length, Events events) throws ProtocolViolation {
    int at = offset;
    int end = offset + length;
    while (at < end && !closed) {
      if (partialLength == 0) {
        int size = frameSize(bytes, at, end - at);
        if (size < 0 || size > end - at) {
          keep(bytes, at, end - at, size);
          return;
        }
        frame(bytes, at, size, events);
        at += size;
      } else {
        at += complete(bytes, at, end - at, events);
      }
    }
  }

  /** Bytes kept for an incomplete frame or message. */
  int buffered() {
    return partial.length + message.length;
  }

  private int complete(byte[] bytes, int offset, int length, Events events)
      throws ProtocolViolation {
    int known = frameSize(partial, 0, partialLength);
    // While the header itself is incomplete, go on byte by byte: at most 14 of them.
    int wanted = known < 0 ? 1 : Math.min(known - partialLength, length);
    keep(bytes, offset, wanted, known);
    int size = known < 0 ? frameSize(partial, 0, partialLength) : known;
    if (size == partialLength) {
      byte[] whole = partial;
      partial = NONE;
      partialLength = 0;
      frame(whole, 0, size, events);
    }
    return wanted;
  }

  private void keep(byte[] bytes, int offset, int length, int frameSize) {
    int needed = partialLength + length;
    if (partial.length < needed) {
      int room = frameSize < 0 ? LONGEST_HEADER : Math.max(needed, Math.min(frameSize, 2 * needed));
      partial = Arrays.copyOf(partial, Math.max(room, needed));
    }
    System.arraycopy(bytes, offset, partial, partialLength, length);
    partialLength = needed;
  }

  /** Size of the frame that starts here, or -1 while its header is incomplete. */
  private int frameSize(byte[] bytes, int offset, int length) throws ProtocolViolation {
    if (length < 2) {
      return -1;
    }
    boolean control = (bytes[offset] & 0x08) != 0;
    if ((bytes[offset + 1] & 0x80) == 0) {
      throw new ProtocolViolation(CloseCode.PROTOCOL_ERROR, "client frames must be masked");
    }
    int coded = bytes[offset + 1] & 0x7F;
    if (control && coded > MAX_CONTROL) {
      throw new ProtocolViolation(CloseCode.PROTOCOL_ERROR, "control frame too long");
    }
    int extra = coded == 126 ? 2 : coded == 127 ? 8 : 0;
    if (length < 2 + extra) {
      return -1;
    }
    long payload = coded;
    if (extra > 0) {
      payload = 0;
      for (int i = 0; i < extra; i++) {
        payload = (payload << 8) | (bytes[offset + 2 + i] & 0xFF);
      }
      if (payload < 0 || payload < (extra == 2 ? 126 : 65_536)) {
        throw new ProtocolViolation(CloseCode.PROTOCOL_ERROR, "length is not minimal");
      }
    }
    if (!control && payload > messageLimit - messageLength) {
      throw new ProtocolViolation(CloseCode.TOO_LARGE, "message too large");
    }
    return 2 + extra + 4 + (int) payload;
  }

  private void frame(byte[] bytes, int offset, int size, Events events) throws ProtocolViolation {
    if ((bytes[offset] & 0x0F) == CLOSING) {
      closed = true;
      events.onClose(closeStatus(bytes, offset, size));
      return;
    }
    Framedata frame = decode(bytes, offset, size);
    Opcode opcode = frame.getOpcode();
    switch (opcode) {
      case PING -> events.onPing(copy(frame.getPayloadData()));
      case PONG -> events.onPong();
      case TEXT, BINARY -> {
        if (messageType != null) {
          throw new ProtocolViolation(CloseCode.PROTOCOL_ERROR, "a message is still open");
        }
        data(opcode, frame, events);
      }
      case CONTINUOUS -> {
        if (messageType == null) {
          throw new ProtocolViolation(CloseCode.PROTOCOL_ERROR, "no message to continue");
        }
        data(messageType, frame, events);
      }
      case CLOSING -> throw new IllegalStateException("handled above");
    }
  }

  /**
   * Done here, since the library fails on a reason that is not UTF-8 and hides a missing status.
   */
  private static int closeStatus(byte[] bytes, int offset, int size) throws ProtocolViolation {
    if ((bytes[offset] & 0xFF) != (0x80 | CLOSING)) {
      throw new ProtocolViolation(CloseCode.PROTOCOL_ERROR, "invalid close frame");
    }
    int length = size - SHORT_HEADER;
    byte[] payload = new byte[length];
    for (int i = 0; i < length; i++) {
      payload[i] = (byte) (bytes[offset + SHORT_HEADER + i] ^ bytes[offset + 2 + (i & 3)]);
    }
    if (length == 0) {
      return CloseCode.NO_STATUS;
    }
    int status = length == 1 ? 0 : ((payload[0] & 0xFF) << 8) | (payload[1] & 0xFF);
    if (!CloseCode.mayBeSent(status)) {
      throw new ProtocolViolation(CloseCode.PROTOCOL_ERROR, "invalid close status");
    }
    if (!Utf8.valid(payload, 2, length)) {
      throw new ProtocolViolation(CloseCode.INVALID_UTF8, "close reason is not UTF-8");
    }
    return status;
  }

  private void data(Opcode type, Framedata frame, Events events) throws ProtocolViolation {
    ByteBuffer payload = frame.getPayloadData();
    if (frame.isFin() && messageType == null) {
      byte[] whole = copy(payload);
      deliver(type, whole, whole.length, events);
      return;
    }
    append(payload);
    messageType = type;
    if (frame.isFin()) {
      byte[] whole = message;
      int length = messageLength;
      message = NONE;
      messageLength = 0;
      messageType = null;
      deliver(type, whole, length, events);
    }
  }

  private void append(ByteBuffer payload) {
    int length = payload.remaining();
    if (message.length < messageLength + length) {
      int doubled = Math.min(messageLimit, 2 * message.length);
      message = Arrays.copyOf(message, Math.max(doubled, messageLength + length));
    }
    payload.get(message, messageLength, length);
    messageLength += length;
  }

  private static void deliver(Opcode type, byte[] payload, int length, Events events)
      throws ProtocolViolation {
    if (type == Opcode.BINARY) {
      events.onBinary();
    } else if (Utf8.valid(payload, 0, length)) {
      events.onText(payload, length);
    } else {
      throw new ProtocolViolation(CloseCode.INVALID_UTF8, "text is not UTF-8");
    }
  }

  private static Framedata decode(byte[] bytes, int offset, int size) throws ProtocolViolation {
    try {
      return DRAFT.translateFrame(ByteBuffer.wrap(bytes, offset, size)).getFirst();
    } catch (InvalidDataException e) {
      throw new ProtocolViolation(e.getCloseCode(), "invalid frame");
    }
  }

  private static byte[] copy(ByteBuffer payload) {
    byte[] bytes = new byte[payload.remaining()];
    payload.get(bytes);
    return bytes;
  }
}
