package org.plenum.report.queue.journal;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.plenum.report.queue.DeadLetter;
import org.plenum.report.queue.QueuedReport;
import org.plenum.report.queue.Report;
import org.plenum.report.queue.journal.JournalDisk.DiskFile;

/**
 * Dead letters: a file that grows by a frame for each letter and for each removal, written anew for
 * each epoch without what was removed. All letters are also in memory; the queue bounds their
 * number. Thread-safe.
 */
final class DeadLetterFile implements AutoCloseable {
  private static final String PREFIX = "dead-letters-";
  private static final int FRAME = 8;
  private static final int MAX_REASON = 1_000;

  private final DiskFile file;
  private final Consumer<Step> steps;
  private final NavigableMap<Long, DeadLetter> letters = new TreeMap<>();
  private long lastId;
  private long end;

  private DeadLetterFile(DiskFile file, Consumer<Step> steps) {
    this.file = file;
    this.steps = steps;
  }

  static DeadLetterFile open(JournalDisk disk, long epoch, Consumer<Step> steps)
      throws IOException {
    List<String> earlier =
        disk.list().stream().filter(name -> name.matches(PREFIX + "\\d{16}")).toList();
    String name = PREFIX + "%016d".formatted(epoch);
    disk.delete(name + ".new");
    DeadLetterFile opened = new DeadLetterFile(disk.open(name + ".new"), steps);
    if (!earlier.isEmpty()) {
      opened.load(disk, earlier.get(earlier.size() - 1));
    }
    opened.write(frame(false, opened.lastId, null)); // keeps the numbers growing
    for (DeadLetter letter : opened.letters.values()) {
      opened.write(frame(true, letter.id(), letter));
    }
    opened.file.force();
    disk.rename(name + ".new", name);
    disk.forceNames();
    for (String old : earlier) {
      if (!old.equals(name)) {
        disk.delete(old);
      }
    }
    return opened;
  }

  private void load(JournalDisk disk, String name) throws IOException {
    try (DiskFile old = disk.open(name)) {
      ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(old.size()));
      int read = 0;
      while (all.hasRemaining() && read >= 0) {
        read = old.read(all, all.position());
      }
      all.flip();
      while (all.remaining() > FRAME) {
        int length = all.getInt();
        int crc = all.getInt();
        if (length < 1 || length > all.remaining() || crc != checksum(all, length)) {
          return; // a torn tail: nobody was told that this letter is stored
        }
        byte[] body = new byte[length];
        all.get(body);
        apply(body);
      }
    }
  }

  private static int checksum(ByteBuffer buffer, int length) {
    CRC32C crc = new CRC32C();
    crc.update(buffer.slice(buffer.position(), length));
    return (int) crc.getValue();
  }

  private void apply(byte[] body) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(body));
    boolean added = in.readBoolean();
    long id = in.readLong();
    lastId = Math.max(lastId, id);
    if (!added) {
      letters.remove(id);
      return;
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
    letters.put(id, new DeadLetter(id, group, report, reason, attempts, at));
  }

  private static ByteBuffer frame(boolean added, long id, @Nullable DeadLetter letter)
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
    byte[] body = bytes.toByteArray();
    ByteBuffer framed = ByteBuffer.allocate(FRAME + body.length);
    framed.putInt(body.length).putInt(checksum(ByteBuffer.wrap(body), body.length)).put(body);
    return framed.flip();
  }

  private void write(ByteBuffer frame) throws IOException {
    int size = frame.remaining();
    file.write(frame, end);
    end += size;
  }

  synchronized long add(DeadLetter letter) throws IOException {
    for (DeadLetter known : letters.values()) {
      if (known.report().sequence() == letter.report().sequence()
          && known.group().equals(letter.group())) {
        return known.id();
      }
    }
    DeadLetter numbered = letter.withId(lastId + 1);
    durably(frame(true, numbered.id(), numbered));
    lastId = numbered.id();
    letters.put(lastId, numbered);
    return lastId;
  }

  synchronized boolean remove(long id) throws IOException {
    if (!letters.containsKey(id)) {
      return false;
    }
    durably(frame(false, id, null));
    letters.remove(id);
    return true;
  }

  /** A frame that fails is written over by the next one. */
  private void durably(ByteBuffer frame) throws IOException {
    long before = end;
    try {
      write(frame);
      steps.accept(Step.DEAD_LETTER_WRITTEN);
      file.force();
      steps.accept(Step.DEAD_LETTER_FORCED);
    } catch (IOException e) {
      end = before;
      throw e;
    }
  }

  synchronized List<DeadLetter> after(long id, int most) {
    return letters.tailMap(id, false).values().stream().limit(most).toList();
  }

  @Override
  public synchronized void close() throws IOException {
    file.close();
  }
}
