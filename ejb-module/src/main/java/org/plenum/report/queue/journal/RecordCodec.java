package org.plenum.report.queue.journal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.plenum.report.queue.QueuedReport;
import org.plenum.report.queue.Report;

/**
 * One report in a segment, big-endian:
 *
 * <pre>
 * offset size
 *      0    4  length of what follows this field and the next
 *      4    4  CRC-32C of salt, length and what follows
 *      8    8  sequence
 *     16    4  its place in its batch, from 0: tells where the batch began
 *     20    4  reports in its batch: tells whether the batch is whole
 *     24    8  appended at, milliseconds since 1970
 *     32    2  bytes of the source
 *     34    2  bytes of the key
 *     36       source, key (UTF-8), payload
 * </pre>
 *
 * <p>The salt is drawn for each segment and covered by the checksum only, so what an earlier file
 * left on the disk is never taken for a report. Not thread-safe.
 */
final class RecordCodec {
  static final int HEADER = 36;
  private static final int LENGTH_AND_CRC = 8;
  private static final int FIXED = HEADER - LENGTH_AND_CRC;

  private final CRC32C crc = new CRC32C();
  private final ByteBuffer salted = ByteBuffer.allocate(12);
  private String lastSource = "";
  private byte[] lastSourceBytes = {};

  /** A record that was found; the batch it belongs to began at the second number. */
  record Found(QueuedReport report, long batchFirst, int batchCount, int size) {
    boolean endsBatch() {
      return report.sequence() == batchFirst + batchCount - 1;
    }
  }

  static int sizeOf(Report report) {
    return HEADER
        + utf8Length(report.source())
        + utf8Length(report.key())
        + report.payload().length;
  }

  private static int utf8Length(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80) {
        return text.getBytes(StandardCharsets.UTF_8).length;
      }
    }
    return text.length();
  }

  /** Reports of one source come together: its bytes are made once. */
  private byte[] sourceBytes(String source) {
    if (!source.equals(lastSource)) {
      lastSourceBytes = source.getBytes(StandardCharsets.UTF_8);
      lastSource = source;
    }
    return lastSourceBytes;
  }

  /** Appends the record to the buffer, which must have room. */
  void encode(QueuedReport queued, int place, int count, long salt, ByteBuffer into) {
    Report report = queued.report();
    byte[] source = sourceBytes(report.source());
    byte[] key = report.key().getBytes(StandardCharsets.UTF_8);
    int length = FIXED + source.length + key.length + report.payload().length;
    int start = into.position();
    into.putInt(length).putInt(0).putLong(queued.sequence()).putInt(place);
    into.putInt(count);
    into.putLong(queued.appendedAt()).putShort((short) source.length).putShort((short) key.length);
    into.put(source).put(key).put(report.payload());
    into.putInt(start + 4, checksum(salt, length, into, start + LENGTH_AND_CRC));
  }

  private int checksum(long salt, int length, ByteBuffer buffer, int bodyStart) {
    crc.reset();
    salted.clear().putLong(salt).putInt(length).flip();
    crc.update(salted);
    crc.update(buffer.slice(bodyStart, length));
    return (int) crc.getValue();
  }

  /**
   * Whether a record of a batch after this sequence could begin at the position. Cheap, so that a
   * checksum is made of few of the places where none begins: behind the records of a file that was
   * used before lie those of its earlier life, and read at a wrong offset they claim anything.
   *
   * @param room bytes between the place of that sequence and the position: all in between has to
   *     fit in there
   */
  static boolean mayBelongToLaterBatch(ByteBuffer buffer, int position, long sequence, long room) {
    long claimed = buffer.getLong(position + 8);
    int place = buffer.getInt(position + 16);
    int count = buffer.getInt(position + 20);
    return claimed > sequence
        && claimed - sequence <= room / HEADER
        && place >= 0
        && place < count
        && claimed - place > sequence
        && hasNames(buffer, position);
  }

  /** Whether the lengths of its names are those of a report, and fit in. */
  static boolean hasNames(ByteBuffer buffer, int position) {
    int source = Short.toUnsignedInt(buffer.getShort(position + 32));
    int key = Short.toUnsignedInt(buffer.getShort(position + 34));
    return source <= Report.MAX_NAME_BYTES
        && key <= Report.MAX_NAME_BYTES
        && FIXED + source + key <= buffer.getInt(position);
  }

  /** The sequence that the record at the position claims. */
  static long claimedSequence(ByteBuffer buffer, int position) {
    return buffer.getLong(position + 8);
  }

  /**
   * The size of the record at the position, as its length says, or 0 when no record can begin with
   * that length.
   */
  static int claimedSize(ByteBuffer buffer, int position, int largest) {
    int length = buffer.getInt(position);
    return length < FIXED || length > largest - LENGTH_AND_CRC ? 0 : length + LENGTH_AND_CRC;
  }

  /** The record at the position, or null when there is no whole and sound one. */
  @Nullable Found decode(ByteBuffer buffer, int position, long salt, int largest) {
    if (buffer.limit() - position < HEADER) {
      return null;
    }
    int size = claimedSize(buffer, position, largest);
    if (size == 0 || buffer.limit() - position < size) {
      return null;
    }
    int length = size - LENGTH_AND_CRC;
    if (buffer.getInt(position + 4) != checksum(salt, length, buffer, position + LENGTH_AND_CRC)) {
      return null;
    }
    long sequence = buffer.getLong(position + 8);
    int place = buffer.getInt(position + 16);
    int sourceLength = Short.toUnsignedInt(buffer.getShort(position + 32));
    int keyLength = Short.toUnsignedInt(buffer.getShort(position + 34));
    int payloadLength = length - FIXED - sourceLength - keyLength;
    if (payloadLength < 0) {
      return null;
    }
    int at = position + HEADER;
    String source = text(buffer, at, sourceLength);
    String key = text(buffer, at + sourceLength, keyLength);
    byte[] payload = new byte[payloadLength];
    buffer.get(at + sourceLength + keyLength, payload);
    return new Found(
        new QueuedReport(sequence, buffer.getLong(position + 24), new Report(source, key, payload)),
        sequence - place,
        buffer.getInt(position + 20),
        size);
  }

  private static String text(ByteBuffer buffer, int position, int length) {
    byte[] bytes = new byte[length];
    buffer.get(position, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
