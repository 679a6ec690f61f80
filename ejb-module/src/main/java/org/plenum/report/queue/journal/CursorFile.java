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
  private static final int ENTRY = 14;
  private static final String DRAFT = ".new";

  private final JournalDisk disk;
  private final String name;
  private final Consumer<Step> steps;
  private Map<String, Cursor> cursors = new TreeMap<>();
  private DiskFile file;
  private long version;
  private boolean suspect;

  private CursorFile(JournalDisk disk, String name, DiskFile file, Consumer<Step> steps) {
    this.disk = disk;
    this.name = name;
    this.file = file;
    this.steps = steps;
  }

  static CursorFile open(JournalDisk disk, long epoch, Consumer<Step> steps) throws IOException {
    List<String> earlier =
        disk.list().stream().filter(name -> name.matches(PREFIX + "\\d{16}")).toList();
    String name = PREFIX + "%016d".formatted(epoch);
    CursorFile cursors = new CursorFile(disk, name, disk.open(name + DRAFT), steps);
    for (int i = earlier.size() - 1; i >= 0 && cursors.version == 0; i--) {
      cursors.load(disk, earlier.get(i));
    }
    if (cursors.version == 0 && !earlier.isEmpty()) {
      cursors.file.close();
      throw new QueueException(
          Reason.DAMAGED,
          "no half of %s in %s is sound; delete it to have all groups begin with the oldest report"
              .formatted(earlier.get(earlier.size() - 1), disk.place()));
    }
    cursors.fill(cursors.cursors);
    for (String old : earlier) {
      if (!old.equals(name)) {
        disk.delete(old);
      }
    }
    return cursors;
  }

  /** The furthest position of a group, without taking anything over; 0 when there is none. */
  static long furthest(JournalDisk disk) throws IOException {
    List<String> found =
        disk.list().stream().filter(name -> name.matches(PREFIX + "\\d{16}")).toList();
    if (found.isEmpty()) {
      return 0;
    }
    String name = found.get(found.size() - 1);
    try (CursorFile read = new CursorFile(disk, name, disk.existing(name), step -> {})) {
      read.load(disk, name);
      return read.cursors.values().stream().mapToLong(Cursor::acked).max().orElse(0);
    }
  }

  private void fill(Map<String, Cursor> content) throws IOException {
    file.write(ByteBuffer.allocate(2 * HALF), 0);
    write(content);
    write(content);
    disk.rename(name + DRAFT, name);
    disk.forceNames();
  }

  private void load(JournalDisk disk, String name) throws IOException {
    try (DiskFile old = disk.existing(name)) {
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
    Map<String, Cursor> next = new TreeMap<>(cursors);
    for (Cursor cursor : changed) {
      next.put(cursor.group(), cursor);
    }
    replace(next);
  }

  synchronized void remove(String group) throws IOException {
    Map<String, Cursor> next = new TreeMap<>(cursors);
    next.remove(group);
    replace(next);
  }

  /** A file whose write or fsync failed is written no more: another one takes its name. */
  private void replace(Map<String, Cursor> next) throws IOException {
    boolean anew = suspect;
    suspect = true;
    if (anew) {
      file.close();
      disk.delete(name + DRAFT);
      file = disk.open(name + DRAFT);
      fill(next);
    } else {
      write(next);
    }
    suspect = false;
    cursors = next;
  }

  private void write(Map<String, Cursor> content) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(HALF).position(HEAD);
    for (Cursor cursor : content.values()) {
      byte[] group = cursor.group().getBytes(StandardCharsets.UTF_8);
      if (buffer.remaining() < group.length + ENTRY) {
        suspect = false; // nothing was written
        throw new QueueException(
            Reason.FULL, "the names of all groups together take more than " + HALF + " bytes");
      }
      buffer.putShort((short) group.length).put(group);
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
