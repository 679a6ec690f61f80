package org.plenum.web.group;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/**
 * A place in a group's history and the direction in which to go on. Clients see it as an opaque
 * text with a checksum; it grants nothing, since each page is authorized anew.
 *
 * @param forward from the sequence on, else backward from before it
 */
record EntryCursor(GroupId group, boolean forward, long seq) {
  private static final int BYTES = 1 + 8 + 16 + 4;
  private static final byte FORWARD = 1;
  private static final byte BACKWARD = 2;

  /**
   * Reads a cursor of this group.
   *
   * @throws ServiceException INVALID_CURSOR
   */
  static EntryCursor parse(String text, GroupId group) {
    EntryCursor cursor = parse(text);
    if (cursor == null || !cursor.group.equals(group)) {
      throw new ServiceException(ErrorCode.INVALID_CURSOR, "not a cursor of this history");
    }
    return cursor;
  }

  private static @Nullable EntryCursor parse(String text) {
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      return null;
    }
    if (bytes.length != BYTES) {
      return null;
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    byte direction = in.get();
    long seq = in.getLong();
    GroupId group = new GroupId(new UUID(in.getLong(), in.getLong()));
    boolean sound =
        in.getInt() == checksum(bytes)
            && (direction == FORWARD || direction == BACKWARD)
            && seq > 0;
    return sound ? new EntryCursor(group, direction == FORWARD, seq) : null;
  }

  /** The text for clients; safe in a URL and in JSON. */
  String text() {
    ByteBuffer out = ByteBuffer.allocate(BYTES);
    out.put(forward ? FORWARD : BACKWARD).putLong(seq);
    out.putLong(group.value().getMostSignificantBits());
    out.putLong(group.value().getLeastSignificantBits());
    out.putInt(checksum(out.array()));
    return Base64.getUrlEncoder().withoutPadding().encodeToString(out.array());
  }

  private static int checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, BYTES - 4);
    return (int) crc.getValue();
  }
}
