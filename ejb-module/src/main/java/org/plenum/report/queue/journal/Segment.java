package org.plenum.report.queue.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.plenum.report.queue.journal.JournalDisk.DiskFile;

/**
 * A file of the journal: a header, then records with sequences from its base on. Its records end
 * where the base of the next segment says; what lies behind that was never acknowledged. The
 * flusher appends, others read up to the end that is durable. Thread-safe under that rule.
 */
final class Segment {
  static final int HEADER = 64;
  private static final long MAGIC = 0x504C_454E_5145_5545L;
  private static final int VERSION = 1;
  private static final int INDEX_STEP = 64 << 10;

  /**
   * What the first bytes of the file say. An owner that was taken over from may still name a file
   * when it wakes up; the name has its epoch, so it hits no file of the new owner, and its number
   * is not below the first one of the new epoch, which gives it away.
   */
  record Header(long number, long base, long salt, long epoch, long firstOfEpoch, long createdAt) {
    ByteBuffer encode() {
      ByteBuffer buffer = ByteBuffer.allocate(HEADER);
      buffer.putLong(MAGIC).putInt(VERSION).putLong(number).putLong(base).putLong(salt);
      buffer.putLong(epoch).putLong(firstOfEpoch).putLong(createdAt);
      buffer.putInt(checksum(buffer, buffer.position()));
      return buffer.position(0);
    }

    static @Nullable Header decode(ByteBuffer buffer) {
      if (buffer.remaining() < HEADER || buffer.getLong() != MAGIC || buffer.getInt() != VERSION) {
        return null;
      }
      Header header =
          new Header(
              buffer.getLong(),
              buffer.getLong(),
              buffer.getLong(),
              buffer.getLong(),
              buffer.getLong(),
              buffer.getLong());
      int end = buffer.position();
      return buffer.getInt() == checksum(buffer, end) ? header : null;
    }

    private static int checksum(ByteBuffer buffer, int length) {
      CRC32C crc = new CRC32C();
      crc.update(buffer.slice(0, length));
      return (int) crc.getValue();
    }
  }

  private final String name;
  private final Header header;
  private final DiskFile file;
  private final long size;
  private long end = HEADER;
  private long last;
  private long lastAppendedAt;
  private long[] indexed = new long[16];
  private long[] offsets = new long[16];
  private int indexCount;
  private int users;
  private boolean retired;
  private boolean failed;

  Segment(String name, Header header, DiskFile file, long size) {
    this.name = name;
    this.header = header;
    this.file = file;
    this.size = size;
    this.last = header.base() - 1;
    this.lastAppendedAt = header.createdAt();
  }

  static String nameOf(long number, long epoch) {
    return "%016d-%08d.seg".formatted(number, epoch);
  }

  static boolean isName(String name) {
    return name.matches("\\d{16}-\\d{8}\\.seg");
  }

  String name() {
    return name;
  }

  Header header() {
    return header;
  }

  DiskFile file() {
    return file;
  }

  long size() {
    return size;
  }

  synchronized long end() {
    return end;
  }

  /** The last durable sequence in it; one less than its base when there is none. */
  synchronized long last() {
    return last;
  }

  synchronized long lastAppendedAt() {
    return lastAppendedAt;
  }

  /** A write or an fsync failed: nobody trusts this file again. */
  synchronized void fail() {
    failed = true;
  }

  synchronized boolean failed() {
    return failed;
  }

  /** These bytes, up to this sequence, are durable. */
  synchronized void extend(long first, long lastSequence, long newEnd, long appendedAt) {
    if (indexCount == 0 || end - offsets[indexCount - 1] >= INDEX_STEP) {
      if (indexCount == indexed.length) {
        indexed = Arrays.copyOf(indexed, indexCount * 2);
        offsets = Arrays.copyOf(offsets, indexCount * 2);
      }
      indexed[indexCount] = first;
      offsets[indexCount] = end;
      indexCount++;
    }
    end = newEnd;
    last = lastSequence;
    lastAppendedAt = appendedAt;
  }

  /** The records end before this sequence: at its offset. */
  synchronized void cut(long sequence, long offset) {
    last = sequence - 1;
    end = offset;
    while (indexCount > 0 && indexed[indexCount - 1] >= sequence) {
      indexCount--;
    }
  }

  /** An offset at or before this sequence, and the sequence there. */
  synchronized Place placeBefore(long sequence) {
    int at = Arrays.binarySearch(indexed, 0, indexCount, sequence);
    int entry = at >= 0 ? at : -at - 2;
    return entry < 0
        ? new Place(this, header.base(), HEADER)
        : new Place(this, indexed[entry], offsets[entry]);
  }

  /** Where a record begins. */
  record Place(Segment segment, long sequence, long offset) {}

  /** Keeps the file open; false when it is gone. */
  synchronized boolean acquire() {
    if (!retired) {
      users++;
    }
    return !retired;
  }

  /** Ends an {@link #acquire}; the last one closes a file that was retired meanwhile. */
  synchronized void release() throws IOException {
    users--;
    if (retired && users == 0) {
      file.close();
    }
  }

  /**
   * Lets no more readers in and closes the file, or has the last of those who read now close it.
   *
   * @return whether nobody reads it
   */
  synchronized boolean retire() throws IOException {
    retired = true;
    if (users == 0) {
      file.close();
    }
    return users == 0;
  }
}
