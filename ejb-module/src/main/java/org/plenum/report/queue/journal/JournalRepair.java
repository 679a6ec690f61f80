package org.plenum.report.queue.journal;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.plenum.report.queue.QueuedReport;
import org.plenum.report.queue.Report;
import org.plenum.report.queue.journal.JournalDisk.DiskFile;

/**
 * Repairs a journal that was refused: says what of it is sound, and writes the damaged segments
 * anew. What cannot be read becomes a report that stands for a lost one ({@link Report#isLost}), so
 * all others keep their places and no cursor is wrong. The damaged files stay, under another name.
 */
public final class JournalRepair {
  private static final String KEPT = "damaged-";
  private static final String DRAFT = "repair.new";
  private static final int BLOCK = 1 << 20;

  private final JournalDisk disk;
  private final PrintStream out;
  private final boolean apply;
  private long lost;
  private int changed;

  private JournalRepair(JournalDisk disk, PrintStream out, boolean apply) {
    this.disk = disk;
    this.out = out;
    this.apply = apply;
  }

  /** What a segment holds. */
  private record Salvaged(
      String name, Segment.@Nullable Header header, TreeMap<Long, QueuedReport> sound) {}

  /** The folder of the journal, and {@code --apply} to change anything. */
  public static void main(String[] arguments) throws IOException {
    boolean apply = arguments.length == 2 && arguments[1].equals("--apply");
    if (arguments.length != 1 && !apply) {
      System.err.println("JournalRepair FOLDER [--apply]");
      System.exit(2);
    }
    Path folder = Path.of(arguments[0]);
    if (!Files.isDirectory(folder)) {
      System.err.println(folder + " is no folder");
      System.exit(2);
    }
    System.exit(run(new FileSystemDisk(folder), System.out, apply) ? 0 : 1);
  }

  /**
   * Looks, and repairs if it may.
   *
   * @return whether the journal is sound now
   */
  static boolean run(JournalDisk disk, PrintStream out, boolean apply) throws IOException {
    if (!disk.lock()) {
      out.println("a node has " + disk.place() + " in use: stop it first");
      return false;
    }
    try {
      return new JournalRepair(disk, out, apply).run();
    } finally {
      disk.unlock();
    }
  }

  private boolean run() throws IOException {
    List<String> names = disk.list().stream().filter(Segment::isName).toList();
    long next = Long.MAX_VALUE;
    long last = 0;
    for (int i = names.size() - 1;
        i >= 0;
        i--) { // the base of a file says where the one before ends
      Salvaged segment = salvage(names.get(i));
      long base = baseOf(segment, i == 0 ? null : names.get(i - 1));
      if (base < next) {
        long end = repair(segment, base, next);
        last = Math.max(last, end);
        next = base;
      }
    }
    giveUpTo(CursorFile.furthest(disk), last, names);
    out.printf(
        "%d segments, last report %d; %d damaged, %d reports lost%n",
        names.size(), last, changed, lost);
    if (changed > 0) {
      out.println(
          apply
              ? "repaired; the damaged files are still there as " + KEPT + "*"
              : "nothing was changed: --apply does it");
    }
    return changed == 0 || apply;
  }

  private Salvaged salvage(String name) throws IOException {
    TreeMap<Long, QueuedReport> sound = new TreeMap<>();
    try (DiskFile file = disk.existing(name)) {
      ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(file.size()));
      int read = 0;
      while (all.hasRemaining() && read >= 0) {
        read = file.read(all, all.position());
      }
      all.flip();
      Segment.Header header = Segment.Header.decode(all.duplicate());
      if (header == null) {
        return new Salvaged(name, null, sound); // the salt is gone, and all proof with it
      }
      collect(all, header, sound);
      return new Salvaged(name, header, sound);
    }
  }

  private static void collect(
      ByteBuffer all, Segment.Header header, NavigableMap<Long, QueuedReport> sound) {
    RecordCodec codec = new RecordCodec();
    long expected = header.base();
    int at = Segment.HEADER;
    int end = at; // of the last sound one: what is missing since has to fit in between
    while (at + RecordCodec.HEADER <= all.limit()) {
      long claimed = RecordCodec.claimedSequence(all, at);
      boolean possible =
          claimed >= expected
              && claimed - expected <= (at - end) / RecordCodec.HEADER
              && RecordCodec.hasNames(all, at)
              && RecordCodec.claimedSize(all, at, all.limit()) > 0;
      RecordCodec.Found found = possible ? codec.decode(all, at, header.salt(), all.limit()) : null;
      if (found == null) {
        at++;
      } else {
        sound.put(found.report().sequence(), found.report());
        expected = found.report().sequence() + 1;
        at += found.size();
        end = at;
      }
    }
  }

  /** Without its header a file begins where the one before ends. */
  private long baseOf(Salvaged segment, @Nullable String before) throws IOException {
    Segment.Header header = segment.header();
    if (header != null) {
      return header.base();
    }
    if (before == null) {
      return 1;
    }
    Salvaged earlier = salvage(before);
    Segment.Header earlierHeader = earlier.header();
    return earlier.sound().isEmpty()
        ? (earlierHeader == null ? 1 : earlierHeader.base())
        : earlier.sound().lastKey() + 1;
  }

  /** The last sequence of the segment, repaired if need be. */
  private long repair(Salvaged segment, long base, long next) throws IOException {
    NavigableMap<Long, QueuedReport> sound = segment.sound().headMap(next, false);
    boolean newest = next == Long.MAX_VALUE;
    long end = newest ? (sound.isEmpty() ? base - 1 : sound.lastKey()) : next - 1;
    long missing = end - base + 1 - sound.size();
    if (missing == 0 && segment.header() != null) {
      return end;
    }
    changed++;
    lost += missing;
    out.printf(
        "%s: %d of the reports %d to %d cannot be read: %s%n",
        segment.name(), missing, base, end, gaps(sound, base, end));
    if (apply) {
      write(segment.name(), base, end, sound);
    }
    return end;
  }

  private static String gaps(NavigableMap<Long, QueuedReport> sound, long base, long end) {
    List<String> gaps = new ArrayList<>();
    long expected = base;
    for (long sequence : sound.keySet()) {
      if (sequence > expected) {
        gaps.add(expected + "-" + (sequence - 1));
      }
      expected = sequence + 1;
    }
    if (expected <= end) {
      gaps.add(expected + "-" + end);
    }
    return String.join(", ", gaps);
  }

  /** Groups are done with reports that are not there: their places must not be given again. */
  private void giveUpTo(long furthest, long last, List<String> names) throws IOException {
    if (furthest > last) {
      changed++;
      lost += furthest - last;
      out.printf("reports %d to %d are missing: the newest segments%n", last + 1, furthest);
      if (apply) {
        String newest = names.isEmpty() ? Segment.nameOf(0, 0) : names.get(names.size() - 1);
        write(
            Segment.nameOf(numberOf(newest) + 1, epochOf(newest)),
            last + 1,
            furthest,
            new TreeMap<>());
      }
    }
  }

  private static long numberOf(String name) {
    return Long.parseLong(name.substring(0, 16));
  }

  private static long epochOf(String name) {
    return Long.parseLong(name.substring(17, 25));
  }

  /** A whole new file; the old one keeps its content under another name. */
  private void write(String name, long base, long end, NavigableMap<Long, QueuedReport> sound)
      throws IOException {
    long salt = ThreadLocalRandom.current().nextLong();
    long number = numberOf(name);
    long created = sound.isEmpty() ? 0 : sound.firstEntry().getValue().appendedAt();
    RecordCodec codec = new RecordCodec();
    disk.delete(DRAFT);
    try (DiskFile file = disk.open(DRAFT)) {
      file.write(
          new Segment.Header(number, base, salt, epochOf(name), number, created).encode(), 0);
      long at = Segment.HEADER;
      ByteBuffer block = ByteBuffer.allocate(BLOCK);
      for (long sequence = base; sequence <= end; sequence++) {
        QueuedReport kept = sound.get(sequence);
        QueuedReport report =
            kept != null ? kept : new QueuedReport(sequence, created, Report.lost(sequence));
        int size = RecordCodec.sizeOf(report.report());
        if (block.remaining() < size) {
          at += flush(file, block, at);
          block = block.capacity() < size ? ByteBuffer.allocate(size) : block;
        }
        codec.encode(report, 0, 1, salt, block);
      }
      flush(file, block, at);
      file.force();
    }
    if (disk.list().contains(name)) {
      disk.rename(name, KEPT + name);
    }
    disk.rename(DRAFT, name);
    disk.forceNames();
  }

  private static int flush(DiskFile file, ByteBuffer block, long at) throws IOException {
    int size = block.flip().remaining();
    file.write(block, at);
    block.clear();
    return size;
  }
}
