package org.plenum.report.queue.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.plenum.report.queue.Cursor;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.QueueException.Reason;
import org.plenum.report.queue.journal.JournalDisk.DiskFile;

/**
 * The cursors of all groups: two halves of a file of fixed size, written in turn, so that a torn
 * write leaves the one before, and a full disk stops no acknowledgement. Each epoch has a file of
 * its own: an owner that was taken over from writes to one that nobody reads any more. Thread-safe.
 */
final class CursorFile implements AutoCloseable {
  private static final String PREFIX = "cursors-";
  private static final int HALF = 32 << 10;
  private static final int HEAD = 16;

  private final DiskFile file;
  private final Consumer<Step> steps;
  private final Map<String, Cursor> cursors = new TreeMap<>();
  private long version;

  private CursorFile(DiskFile file, Consumer<Step> steps) {
    this.file = file;
    this.steps = steps;
  }

  static CursorFile open(JournalDisk disk, long epoch, Consumer<Step> steps) throws IOException {
    List<String> earlier =
        disk.list().stream().filter(name -> name.matches(PREFIX + "\\d{16}")).toList();
    String name = PREFIX + "%016d".formatted(epoch);
    CursorFile cursors = new CursorFile(disk.open(name + ".new"), steps);
    for (int i = earlier.size() - 1; i >= 0 && cursors.version == 0; i--) {
      cursors.load(disk, earlier.get(i));
    }
    if (cursors.version == 0 && !earlier.isEmpty()) {
      throw new QueueException(
          Reason.DAMAGED,
          "no half of %s in %s is sound; delete it to have all groups begin with the oldest report"
              .formatted(earlier.get(earlier.size() - 1), disk.place()));
    }
    cursors.file.write(ByteBuffer.allocate(2 * HALF), 0);
    cursors.write();
    cursors.write();
    disk.rename(name + ".new", name);
    disk.forceNames();
    for (String old : earlier) {
      if (!old.equals(name)) {
        disk.delete(old);
      }
    }
    return cursors;
  }

  private void load(JournalDisk disk, String name) throws IOException {
    try (DiskFile old = disk.open(name)) {
      for (int half = 0; half < 2; half++) {
        ByteBuffer buffer = ByteBuffer.allocate(HALF);
        old.read(buffer, (long) half * HALF);
        Map<String, Cursor> found = decode(buffer.flip());
        if (found != null) {
          cursors.clear();
          cursors.putAll(found);
        }
      }
    }
  }

  private @Nullable Map<String, Cursor> decode(ByteBuffer buffer) {
    if (buffer.remaining() < HEAD) {
      return null;
    }
    long found = buffer.getLong(0);
    int length = buffer.getInt(8);
    if (found <= version || length < 0 || length > buffer.limit() - HEAD) {
      return null;
    }
    if (buffer.getInt(12) != checksum(buffer, found, length)) {
      return null;
    }
    version = found;
    Map<String, Cursor> read = new TreeMap<>();
    buffer.position(HEAD).limit(HEAD + length);
    while (buffer.hasRemaining()) {
      byte[] name = new byte[buffer.getShort()];
      buffer.get(name);
      String group = new String(name, StandardCharsets.UTF_8);
      read.put(group, new Cursor(group, buffer.getLong(), buffer.getInt()));
    }
    return read;
  }

  private static int checksum(ByteBuffer buffer, long version, int length) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(8).putLong(version).flip());
    crc.update(buffer.slice(HEAD, length));
    return (int) crc.getValue();
  }

  synchronized List<Cursor> all() {
    return List.copyOf(cursors.values());
  }

  synchronized void save(Collection<Cursor> changed) throws IOException {
    for (Cursor cursor : changed) {
      cursors.put(cursor.group(), cursor);
    }
    write();
  }

  synchronized void remove(String group) throws IOException {
    cursors.remove(group);
    write();
  }

  private void write() throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(HALF).position(HEAD);
    for (Cursor cursor : cursors.values()) {
      byte[] name = cursor.group().getBytes(StandardCharsets.UTF_8);
      if (name.length > 255 || buffer.remaining() < name.length + 14) {
        throw new IllegalArgumentException("names of groups have at most 255 bytes");
      }
      buffer.putShort((short) name.length).put(name);
      buffer.putLong(cursor.acked()).putInt(cursor.attempts());
    }
    int length = buffer.position() - HEAD;
    version++;
    buffer.putLong(0, version).putInt(8, length).putInt(12, checksum(buffer, version, length));
    file.write(buffer.flip(), version % 2 * HALF);
    steps.accept(Step.CURSORS_WRITTEN);
    file.force();
    steps.accept(Step.CURSORS_FORCED);
  }

  @Override
  public synchronized void close() throws IOException {
    file.close();
  }
}
