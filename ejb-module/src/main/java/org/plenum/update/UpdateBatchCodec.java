package org.plenum.update;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupId;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/**
 * The binary form of updates on {@code GroupUpdateTopic}, version 1. Big-endian: the magic {@code
 * PLUB}, one byte version, one int count; for each update the revision, epoch, group (two longs),
 * seq, one byte kind, actor, subject, target, no, one int length and that many bytes of JSON; last
 * an int CRC-32C of all before it. Every version ever sent stays readable: nodes of two adjacent
 * versions share one topic. Stateless and thread-safe.
 */
public final class UpdateBatchCodec {
  /** Most updates in one batch. */
  public static final int MAX_UPDATES = 65_536;

  private static final int MAGIC = 0x504C5542;
  private static final byte VERSION = 1;
  private static final int HEADER = Integer.BYTES + 1 + Integer.BYTES;
  private static final int FIXED = 9 * Long.BYTES + 1 + Integer.BYTES;

  private UpdateBatchCodec() {}

  /** Bytes that the update takes within a batch. */
  public static int size(Update update) {
    return FIXED + update.json().length;
  }

  /**
   * Encodes a batch.
   *
   * @throws IllegalArgumentException with more than {@link #MAX_UPDATES}
   */
  public static byte[] encode(List<Update> updates) {
    if (updates.size() > MAX_UPDATES) {
      throw new IllegalArgumentException("a batch of " + updates.size() + " updates");
    }
    int size = HEADER + Integer.BYTES;
    for (Update update : updates) {
      size = Math.addExact(size, size(update));
    }
    ByteBuffer out = ByteBuffer.allocate(size);
    out.putInt(MAGIC).put(VERSION).putInt(updates.size());
    for (Update update : updates) {
      out.putLong(update.revision())
          .putLong(update.epoch())
          .putLong(update.group().value().getMostSignificantBits())
          .putLong(update.group().value().getLeastSignificantBits())
          .putLong(update.seq())
          .put((byte) update.kind().code())
          .putLong(update.actorId())
          .putLong(update.subjectId())
          .putLong(update.target())
          .putLong(update.no())
          .putInt(update.json().length)
          .put(update.json());
    }
    out.putInt(checksum(out.array(), out.position()));
    return out.array();
  }

  /**
   * Decodes a batch.
   *
   * @throws ServiceException MALFORMED_REQUEST for anything but an intact batch of a known version
   */
  public static List<Update> decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    try {
      if (bytes.length < HEADER + Integer.BYTES || in.getInt() != MAGIC) {
        throw damaged("no batch of updates", null);
      }
      byte version = in.get();
      if (version != VERSION) {
        throw damaged("unknown version " + version, null);
      }
      int body = bytes.length - Integer.BYTES;
      if (in.getInt(body) != checksum(bytes, body)) {
        throw damaged("wrong checksum", null);
      }
      int count = in.getInt();
      if (count < 0 || count > MAX_UPDATES || (long) count * FIXED > body - HEADER) {
        throw damaged("impossible count " + count, null);
      }
      List<Update> updates = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        updates.add(update(in, body));
      }
      if (in.position() != body) {
        throw damaged("bytes after the last update", null);
      }
      return updates;
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw damaged("cut off or out of range", e);
    }
  }

  private static Update update(ByteBuffer in, int end) {
    long revision = in.getLong();
    long epoch = in.getLong();
    GroupId group = new GroupId(new UUID(in.getLong(), in.getLong()));
    long seq = in.getLong();
    EntryKind kind = EntryKind.ofCode(in.get());
    long actor = in.getLong();
    long subject = in.getLong();
    long target = in.getLong();
    long no = in.getLong();
    int length = in.getInt();
    if (length < 0 || length > end - in.position()) {
      throw damaged("impossible length " + length, null);
    }
    byte[] json = new byte[length];
    in.get(json);
    return new Update(revision, epoch, group, seq, kind, actor, subject, target, no, json);
  }

  private static int checksum(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  private static ServiceException damaged(String detail, @Nullable Throwable e) {
    return new ServiceException(
        ErrorCode.MALFORMED_REQUEST, "update batch refused: " + detail, null, e);
  }
}
