package org.plenum.report.queue.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.QueueException.Reason;
import org.plenum.report.queue.journal.JournalDisk.DiskFile;

/**
 * Who owns a journal: a file with an epoch that each owner raises. An owner acknowledges a batch
 * only if the file still has its epoch after the batch is durable; so whoever raises the epoch
 * first and reads the journal then sees all that was ever acknowledged (QUE-8). Where several nodes
 * mount the storage, the owner also beats, and another takes over only when it has seen no beat for
 * a lease of its own clock. An epoch is claimed by making a file that must not be there, so two
 * that take over at the same moment never share one.
 */
final class Ownership {
  private static final String FILE = "owner";
  private static final String DRAFT = ".new";
  private static final String CLAIM = "claim-";
  private static final Pattern EPOCH_IN_NAME =
      Pattern.compile("(?:\\d{16}|cursors|dead-letters|claim)-(\\d{8,16})(?:\\.seg)?");
  private static final int SIZE = 256;
  private static final int MAX_NAME = 200;
  private static final int MOST_CLAIMS = 1_000;

  private final JournalDisk disk;
  private final JournalOptions options;
  private State mine = new State(0, 0, true, "");
  private long lastBeat = System.nanoTime();

  private record State(long epoch, long beat, boolean released, String owner) {
    ByteBuffer encode() {
      byte[] name = owner.getBytes(StandardCharsets.UTF_8);
      ByteBuffer buffer = ByteBuffer.allocate(SIZE);
      buffer.putInt(0).putLong(epoch).putLong(beat).put((byte) (released ? 1 : 0));
      buffer.put(Arrays.copyOf(name, Math.min(name.length, MAX_NAME)));
      return buffer.putInt(0, checksum(buffer)).position(0).limit(SIZE);
    }

    static int checksum(ByteBuffer buffer) {
      CRC32C crc = new CRC32C();
      crc.update(buffer.slice(Integer.BYTES, SIZE - Integer.BYTES));
      return (int) crc.getValue();
    }
  }

  Ownership(JournalDisk disk, JournalOptions options) {
    this.disk = disk;
    this.options = options;
  }

  long epoch() {
    return mine.epoch();
  }

  /** Takes the journal, or leaves nothing behind. */
  void take() throws IOException, InterruptedException {
    if (!disk.lock()) {
      throw inUse(read());
    }
    boolean taken = false;
    try {
      State before = read();
      if (!options.lease().isZero() && !before.released()) {
        awaitSilence(before);
      }
      long epoch = claim(Math.max(before.epoch(), newestEpochInNames()) + 1);
      State now = read();
      if (now.epoch() != before.epoch()) {
        throw inUse(now);
      }
      mine = new State(epoch, 0, false, options.owner());
      write();
      check();
      tidy();
      taken = true;
    } finally {
      if (!taken) {
        disk.unlock();
      }
    }
  }

  /** Without its owner file a journal still knows its epochs: no later one may be lower. */
  private long newestEpochInNames() throws IOException {
    long newest = 0;
    for (String name : disk.list()) {
      Matcher matcher = EPOCH_IN_NAME.matcher(name);
      if (matcher.matches()) {
        newest = Math.max(newest, Long.parseLong(matcher.group(1)));
      }
    }
    return newest;
  }

  private long claim(long next) throws IOException {
    for (long epoch = next; epoch < next + MOST_CLAIMS; epoch++) {
      if (disk.create(claimOf(epoch))) {
        return epoch;
      }
    }
    throw new IOException("no epoch can be claimed after " + (next - 1));
  }

  private static String claimOf(long epoch) {
    return CLAIM + "%016d".formatted(epoch);
  }

  private void tidy() throws IOException {
    for (String name : disk.list()) {
      boolean draft = name.startsWith(FILE + "-") && name.endsWith(DRAFT);
      if (draft || (name.startsWith(CLAIM) && name.compareTo(claimOf(mine.epoch())) < 0)) {
        disk.delete(name);
      }
    }
  }

  private void awaitSilence(State before) throws IOException, InterruptedException {
    Duration left = options.lease();
    long pause = Math.max(1, left.toMillis() / 10);
    for (int i = 0; i < 10; i++) {
      Thread.sleep(pause);
      State now = read();
      if (now.beat() != before.beat() || now.epoch() != before.epoch()) {
        throw inUse(now);
      }
    }
  }

  private QueueException inUse(State owner) {
    return new QueueException(
        Reason.IN_USE,
        "the journal in %s is in use by node '%s' (epoch %d)"
            .formatted(disk.place(), owner.owner(), owner.epoch()));
  }

  /** Refuses to go on when somebody else has raised the epoch. */
  void check() throws IOException {
    State now = read();
    if (now.epoch() != mine.epoch()) {
      throw new QueueException(
          Reason.FENCED,
          "node '%s' took the journal in %s over (epoch %d, this node had %d)"
              .formatted(now.owner(), disk.place(), now.epoch(), mine.epoch()));
    }
  }

  /** Shows that this owner lives. */
  void beat() throws IOException {
    long now = System.nanoTime();
    if (!options.lease().isZero() && now - lastBeat >= options.lease().toNanos() / 4) {
      check();
      mine = new State(mine.epoch(), mine.beat() + 1, false, mine.owner());
      write();
      lastBeat = now;
    }
  }

  void release() throws IOException {
    try {
      if (mine.epoch() > 0 && read().epoch() == mine.epoch()) {
        mine = new State(mine.epoch(), mine.beat(), true, mine.owner());
        write();
      }
    } finally {
      disk.unlock();
    }
  }

  private State read() throws IOException {
    try (DiskFile file = disk.open(FILE)) {
      ByteBuffer buffer = ByteBuffer.allocate(SIZE);
      if (file.read(buffer, 0) < SIZE) {
        return new State(0, 0, true, "");
      }
      buffer.flip();
      if (buffer.getInt() != State.checksum(buffer)) {
        throw new QueueException(
            Reason.DAMAGED,
            "the file %s in %s is damaged; when no node uses the journal, delete it, and the next"
                    .formatted(FILE, disk.place())
                + " start makes a new one");
      }
      long epoch = buffer.getLong();
      long beat = buffer.getLong();
      boolean released = buffer.get() == 1;
      String owner = StandardCharsets.UTF_8.decode(buffer).toString().replace("\0", "");
      return new State(epoch, beat, released, owner);
    }
  }

  /** A whole new file under another name, then the name: nobody ever reads half of it. */
  private void write() throws IOException {
    String draft = FILE + "-" + mine.epoch() + DRAFT;
    try (DiskFile file = disk.open(draft)) {
      file.write(mine.encode(), 0);
      file.force();
    }
    disk.rename(draft, FILE);
    disk.forceNames();
  }
}
