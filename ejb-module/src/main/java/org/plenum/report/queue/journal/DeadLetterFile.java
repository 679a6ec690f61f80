package org.plenum.report.queue.journal;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.plenum.report.queue.DeadLetter;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.QueueException.Reason;
import org.plenum.report.queue.QueuedReport;
import org.plenum.report.queue.Report;
import org.plenum.report.queue.ReportStore;
import org.plenum.report.queue.journal.JournalDisk.DiskFile;

/**
 * Dead letters: a salt, then a frame for each letter and for each removal. Written anew, without
 * what was removed, for each epoch, when most of it is of no use any more, and after a write or
 * fsync failed. In memory is only where each letter is; the queue bounds their number. Thread-safe.
 *
 * <p>Frames are durable one by one, so only the last one can be torn: a sound one behind an unsound
 * one proves damage. The salt, which no producer knows, keeps a payload from passing for a frame.
 */
final class DeadLetterFile implements AutoCloseable {
  private static final String PREFIX = "dead-letters-";
  private static final String DRAFT = ".new";
  private static final int SALT = 8;
  private static final int FRAME = 8;
  private static final int LEAST = FRAME + 1 + Long.BYTES;
  private static final long FURTHEST_ID = 1_000_000_000;
  private static final int WINDOW = 1 << 20;
  private static final int MAX_REASON = 1_000;
  private static final long WORTH_COMPACTING = 1 << 20;

  private final JournalDisk disk;
  private final String name;
  private final Consumer<Step> steps;
  private final NavigableMap<Long, Entry> letters = new TreeMap<>();
  private final Map<Key, Long> known = new HashMap<>();
  private DiskFile file;
  private long salt;
  private long lastId;
  private long end;
  private long live;
  private boolean suspect;

  private record Key(String group, long sequence) {}

  /** Where the frame of a letter is. */
  private record Entry(long offset, int size, Key key) {}

  private record Frame(boolean added, long id, @Nullable DeadLetter letter) {}

  private DeadLetterFile(JournalDisk disk, String name, DiskFile file, Consumer<Step> steps) {
    this.disk = disk;
    this.name = name;
    this.file = file;
    this.steps = steps;
  }

  static DeadLetterFile open(JournalDisk disk, long epoch, Consumer<Step> steps)
      throws IOException {
    List<String> earlier =
        disk.list().stream().filter(name -> name.matches(PREFIX + "\\d{16}")).toList();
    String name = PREFIX + "%016d".formatted(epoch);
    disk.delete(name + DRAFT);
    DiskFile from =
        earlier.isEmpty()
            ? disk.open(name + DRAFT)
            : disk.existing(earlier.get(earlier.size() - 1));
    DeadLetterFile opened = new DeadLetterFile(disk, name, from, steps);
    try {
      opened.load();
      opened.rewrite();
    } catch (IOException | QueueException e) {
      opened.close();
      throw e;
    }
    for (String old : earlier) {
      if (!old.equals(name)) {
        disk.delete(old);
      }
    }
    return opened;
  }

  private void load() throws IOException {
    long size = file.size();
    if (size < SALT) {
      return;
    }
    salt = readFully(0, SALT).getLong();
    end = SALT;
    while (end < size) {
      byte[] body = bodyAt(end, size);
      if (body == null) {
        refuseDamage(size);
        return; // a torn tail: nobody was told that this letter is stored
      }
      apply(decode(body), end, FRAME + body.length);
      end += FRAME + body.length;
    }
  }

  /** The body of the frame at the offset, or null when there is no sound one. */
  private byte @Nullable [] bodyAt(long offset, long size) throws IOException {
    if (size - offset <= FRAME) {
      return null;
    }
    ByteBuffer head = readFully(offset, FRAME);
    int length = head.getInt();
    int crc = head.getInt();
    if (length < 1 || length > size - offset - FRAME) {
      return null;
    }
    byte[] body = readFully(offset + FRAME, length).array();
    return crc == checksum(body) ? body : null;
  }

  private void refuseDamage(long size) throws IOException {
    ByteBuffer window = ByteBuffer.allocate(WINDOW);
    for (long start = end + 1; size - start >= LEAST; start += WINDOW - LEAST + 1) {
      window.clear().limit((int) Math.min(WINDOW, size - start));
      fill(window, start);
      for (int at = 0; at + LEAST <= window.limit(); at++) {
        if (maySound(window, at) && bodyAt(start + at, size) != null) {
          throw new QueueException(
              Reason.DAMAGED,
              ("the dead letters in %s are damaged at byte %d, and sound ones follow at byte %d;"
                      + " restore the newest file %s* from a copy, or move it out of the folder to"
                      + " give all dead letters up")
                  .formatted(disk.place(), end, start + at, PREFIX));
        }
      }
    }
  }

  /** Cheap, so that a checksum is made of few of the places where no frame begins. */
  private boolean maySound(ByteBuffer window, int at) {
    byte added = window.get(at + FRAME);
    long id = window.getLong(at + FRAME + 1);
    return (added == 0 || added == 1) && id > 0 && id <= lastId + FURTHEST_ID;
  }

  private ByteBuffer readFully(long offset, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    fill(buffer, offset);
    if (buffer.limit() < length) {
      throw new IOException("the dead letters end before byte " + (offset + length));
    }
    return buffer;
  }

  private void fill(ByteBuffer buffer, long offset) throws IOException {
    int read = 0;
    while (buffer.hasRemaining() && read >= 0) {
      read = file.read(buffer, offset + buffer.position());
    }
    buffer.flip();
  }

  private void apply(Frame frame, long offset, int size) {
    lastId = Math.max(lastId, frame.id());
    DeadLetter letter = frame.letter();
    if (letter != null) {
      remember(letter, offset, size);
    } else if (!frame.added()) {
      forget(frame.id());
    }
  }

  private void remember(DeadLetter letter, long offset, int size) {
    Key key = new Key(letter.group(), letter.report().sequence());
    letters.put(letter.id(), new Entry(offset, size, key));
    known.put(key, letter.id());
    live += size;
  }

  private void forget(long id) {
    Entry entry = letters.remove(id);
    if (entry != null) {
      known.remove(entry.key());
      live -= entry.size();
    }
  }

  /** Copies what is of use into a new file and goes on in that. */
  private void rewrite() throws IOException {
    String draft = name + DRAFT;
    disk.delete(draft);
    DiskFile target = disk.open(draft);
    NavigableMap<Long, Entry> moved = new TreeMap<>();
    long to = 0;
    long newSalt = ThreadLocalRandom.current().nextLong();
    try {
      target.write(ByteBuffer.allocate(SALT).putLong(newSalt).flip(), to);
      to += SALT;
      ByteBuffer numbering = frame(newSalt, encode(false, lastId, null)); // keeps numbers growing
      to += write(target, numbering, to);
      for (Map.Entry<Long, Entry> letter : letters.entrySet()) {
        Entry entry = letter.getValue();
        byte[] body = bodyAt(entry.offset(), entry.offset() + entry.size());
        if (body == null) {
          throw damaged(letter.getKey());
        }
        moved.put(letter.getKey(), new Entry(to, entry.size(), entry.key()));
        to += write(target, frame(newSalt, body), to);
      }
      target.force();
      disk.rename(draft, name);
      disk.forceNames();
    } catch (IOException | QueueException e) {
      target.close();
      throw e;
    }
    file.close();
    file = target;
    salt = newSalt;
    end = to;
    letters.putAll(moved);
    suspect = false;
  }

  private QueueException damaged(long id) {
    return new QueueException(
        Reason.DAMAGED,
        "dead letter %d in %s is not as it was written".formatted(id, disk.place()));
  }

  private static int write(DiskFile target, ByteBuffer frame, long offset) throws IOException {
    int size = frame.remaining();
    target.write(frame, offset);
    return size;
  }

  private int checksum(byte[] body) {
    return checksum(salt, body);
  }

  private static int checksum(long salt, byte[] body) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(SALT).putLong(salt).flip());
    crc.update(body);
    return (int) crc.getValue();
  }

  private static ByteBuffer frame(long salt, byte[] body) {
    ByteBuffer framed = ByteBuffer.allocate(FRAME + body.length);
    return framed.putInt(body.length).putInt(checksum(salt, body)).put(body).flip();
  }

  private static byte[] encode(boolean added, long id, @Nullable DeadLetter letter)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeBoolean(added);
    out.writeLong(id);
    if (letter != null) {
      Report report = letter.report().report();
      String reason = letter.reason();
      out.writeUTF(letter.group());
      out.writeUTF(reason.substring(0, Math.min(reason.length(), MAX_REASON)));
      out.writeInt(letter.attempts());
      out.writeLong(letter.at().toEpochMilli());
      out.writeLong(letter.report().sequence());
      out.writeLong(letter.report().appendedAt());
      out.writeUTF(report.source());
      out.writeUTF(report.key());
      out.write(report.payload());
    }
    return bytes.toByteArray();
  }

  private static Frame decode(byte[] body) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(body));
    boolean added = in.readBoolean();
    long id = in.readLong();
    if (!added) {
      return new Frame(false, id, null);
    }
    String group = in.readUTF();
    String reason = in.readUTF();
    int attempts = in.readInt();
    Instant at = Instant.ofEpochMilli(in.readLong());
    long sequence = in.readLong();
    long appendedAt = in.readLong();
    String source = in.readUTF();
    String key = in.readUTF();
    byte[] payload = in.readAllBytes();
    QueuedReport report = new QueuedReport(sequence, appendedAt, new Report(source, key, payload));
    return new Frame(true, id, new DeadLetter(id, group, report, reason, attempts, at));
  }

  synchronized long add(DeadLetter letter) throws IOException {
    Long before = known.get(new Key(letter.group(), letter.report().sequence()));
    if (before != null) {
      return before;
    }
    DeadLetter numbered = letter.withId(lastId + 1);
    long offset = durably(encode(true, numbered.id(), numbered));
    lastId = numbered.id();
    remember(numbered, offset, (int) (end - offset));
    return lastId;
  }

  synchronized boolean remove(long id) throws IOException {
    if (!letters.containsKey(id)) {
      return false;
    }
    durably(encode(false, id, null));
    forget(id);
    return true;
  }

  /** Where the frame is now. After a failure the next call goes on in another file. */
  private long durably(byte[] body) throws IOException {
    if (suspect || (end > WORTH_COMPACTING && end > 2 * live)) {
      suspect = true;
      rewrite();
    }
    suspect = true;
    long offset = end;
    int size = write(file, frame(salt, body), offset);
    steps.accept(Step.DEAD_LETTER_WRITTEN);
    file.force();
    steps.accept(Step.DEAD_LETTER_FORCED);
    suspect = false;
    end = offset + size;
    return offset;
  }

  synchronized List<DeadLetter> after(long id, int most) throws IOException {
    List<DeadLetter> found = new ArrayList<>();
    long weight = 0;
    for (Map.Entry<Long, Entry> letter : letters.tailMap(id, false).entrySet()) {
      Entry entry = letter.getValue();
      weight += entry.size();
      boolean enough = !found.isEmpty() && weight > ReportStore.LETTER_PAGE_BYTES;
      if (found.size() == most || enough) {
        break;
      }
      byte[] body = bodyAt(entry.offset(), entry.offset() + entry.size());
      if (body == null) {
        throw damaged(letter.getKey());
      }
      found.add(Objects.requireNonNull(decode(body).letter()));
    }
    return found;
  }

  /** Copies what is durable into another folder, under the same name. */
  synchronized void copyTo(JournalDisk target) throws IOException {
    try (DiskFile copy = target.open(name)) {
      ByteBuffer window = ByteBuffer.allocate(WINDOW);
      for (long at = 0; at < end; at += window.limit()) {
        window.clear().limit((int) Math.min(WINDOW, end - at));
        fill(window, at);
        if (!window.hasRemaining()) {
          throw new IOException("the dead letters end before byte " + end);
        }
        copy.write(window, at);
      }
      copy.force();
    }
  }

  synchronized int count() {
    return letters.size();
  }

  @Override
  public synchronized void close() throws IOException {
    file.close();
  }
}
