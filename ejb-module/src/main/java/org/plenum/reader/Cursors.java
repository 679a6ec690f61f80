package org.plenum.reader;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.UUID;
import org.plenum.group.api.GroupId;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/**
 * Cursors of lists: a letter for the list and the place after the last item, as base64url. Opaque
 * to clients; whatever is not exactly one of ours is refused with INVALID_CURSOR.
 */
final class Cursors {
  private static final int MAX_LENGTH = 1_400;
  private static final int UUID_BYTES = 16;

  /** A place in the directory. */
  record DirectoryPlace(String name, GroupId id) {}

  private Cursors() {}

  static String ofGroup(GroupId last) {
    return text(ByteBuffer.allocate(1 + UUID_BYTES).put((byte) 'g'), last);
  }

  static GroupId group(String cursor) {
    ByteBuffer bytes = bytes(cursor, 'g');
    exactly(bytes, UUID_BYTES);
    return id(bytes);
  }

  static String ofAccount(long last) {
    return encode(ByteBuffer.allocate(1 + Long.BYTES).put((byte) 'a').putLong(last));
  }

  static long account(String cursor) {
    ByteBuffer bytes = bytes(cursor, 'a');
    exactly(bytes, Long.BYTES);
    return bytes.getLong();
  }

  static String ofDirectory(DirectoryPlace last) {
    byte[] name = last.name().getBytes(StandardCharsets.UTF_8);
    return text(
        ByteBuffer.allocate(1 + name.length + UUID_BYTES).put((byte) 'd').put(name), last.id());
  }

  static DirectoryPlace directory(String cursor) {
    ByteBuffer bytes = bytes(cursor, 'd');
    if (bytes.remaining() < UUID_BYTES) {
      throw invalid();
    }
    byte[] name = new byte[bytes.remaining() - UUID_BYTES];
    bytes.get(name);
    return new DirectoryPlace(new String(name, StandardCharsets.UTF_8), id(bytes));
  }

  private static String text(ByteBuffer bytes, GroupId id) {
    return encode(
        bytes
            .putLong(id.value().getMostSignificantBits())
            .putLong(id.value().getLeastSignificantBits()));
  }

  private static String encode(ByteBuffer bytes) {
    byte[] content = new byte[bytes.flip().remaining()];
    bytes.get(content);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(content);
  }

  private static GroupId id(ByteBuffer bytes) {
    return new GroupId(new UUID(bytes.getLong(), bytes.getLong()));
  }

  private static ByteBuffer bytes(String cursor, char list) {
    if (cursor.isEmpty() || cursor.length() > MAX_LENGTH) {
      throw invalid();
    }
    ByteBuffer bytes;
    try {
      bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(cursor));
    } catch (IllegalArgumentException e) {
      throw new ServiceException(ErrorCode.INVALID_CURSOR, "not a cursor of this list", null, e);
    }
    if (!bytes.hasRemaining() || bytes.get() != (byte) list) {
      throw invalid();
    }
    return bytes;
  }

  private static void exactly(ByteBuffer bytes, int length) {
    if (bytes.remaining() != length) {
      throw invalid();
    }
  }

  private static ServiceException invalid() {
    return new ServiceException(ErrorCode.INVALID_CURSOR, "not a cursor of this list");
  }
}
