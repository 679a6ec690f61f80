package org.plenum.report.queue.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.plenum.report.queue.Cursor;
import org.plenum.report.queue.DeadLetter;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.QueueException.Reason;
import org.plenum.report.queue.QueuedReport;
import org.plenum.report.queue.ReportStore;

/**
 * The storage of a queue in segment files. A batch is one write and one fsync of data in a file
 * that was filled before, so no metadata changes; a segment that is no longer needed becomes the
 * next one.
 *
 * <p>After a write or fsync failed, that segment is written no more: what the operating system says
 * of its pages from then on proves nothing. It ends at the last batch that was durable, the next
 * batch begins another segment, and where that begins tells a recovery where this one ends. For the
 * same reason a recovery writes the newest batch again, whose fsync nobody can vouch for.
 */
public final class JournalStore implements ReportStore {
  private static final System.Logger LOG = System.getLogger(JournalStore.class.getName());
  private static final int READ_BUFFER = 1 << 20;
  private static final String SPARE = "spare";

  private final JournalDisk disk;
  private final JournalOptions options;
  private final Clock clock;
  private final Consumer<Step> steps;
  private final Ownership ownership;
  private final Spares spares;
  private final RecordCodec codec = new RecordCodec();
  private final ConcurrentNavigableMap<Long, Segment> segments = new ConcurrentSkipListMap<>();
  private final JournalReader reader;
  private final boolean ahead;
  private ByteBuffer writeBuffer;
  private @Nullable Segment current;
  private @Nullable CursorFile cursors;
  private @Nullable DeadLetterFile deadLetters;
  private final List<Segment> superseded = new ArrayList<>();
  private final List<String> leftovers = new ArrayList<>();
  private boolean asked;
  private long nextNumber = 1;
  private long firstOfEpoch = 1;
  private volatile long last;
  private volatile @Nullable Failure lastFailure;

  /** A journal in a folder; nothing is touched before it is opened. */
  public JournalStore(JournalDisk disk, JournalOptions options, Clock clock) {
    this(disk, options, clock, step -> {}, true);
  }

  /** With steps that tests wait for, and with or without a thread that fills files ahead. */
  JournalStore(
      JournalDisk disk, JournalOptions options, Clock clock, Consumer<Step> steps, boolean ahead) {
    this.disk = disk;
    this.options = options;
    this.clock = clock;
    this.steps = steps;
    this.ahead = ahead;
    int bufferBytes = Math.min(READ_BUFFER, options.segmentBytes());
    this.writeBuffer = ByteBuffer.allocateDirect(bufferBytes);
    this.reader = new JournalReader(segments, disk.place(), bufferBytes);
    this.ownership = new Ownership(disk, options);
    this.spares =
        new Spares(disk, options.segmentBytes(), SPARE, ownership::epoch, ownership::beat);
  }

  @Override
  public Contents open() {
    try {
      ownership.take();
    } catch (IOException e) {
      throw Failures.of("the journal cannot be taken", disk, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new QueueException(Reason.CLOSED, "interrupted while the journal was taken", e);
    }
    try {
      recover();
      CursorFile opened = CursorFile.open(disk, ownership.epoch(), steps);
      cursors = opened;
      deadLetters = DeadLetterFile.open(disk, ownership.epoch(), steps);
      checkCursors(opened.all());
      if (ahead) {
        spares.start();
        if (current == null) {
          spares.ask(); // the first append needs one
        }
      }
      return new Contents(first(), last, opened.all());
    } catch (IOException e) {
      close();
      throw Failures.of("the journal cannot be opened", disk, e);
    } catch (QueueException e) {
      close();
      throw e;
    }
  }

  private void checkCursors(List<Cursor> all) {
    for (Cursor cursor : all) {
      if (cursor.acked() > last) {
        throw new QueueException(
            Reason.DAMAGED,
            ("group %s has acknowledged report %d, but the newest one in %s is %d: the newest"
                    + " segments are missing. Restore them, or give their reports up with the"
                    + " repair of the journal (JournalRepair)")
                .formatted(cursor.group(), cursor.acked(), disk.place(), last));
      }
    }
  }

  private void recover() throws IOException {
    JournalRecovery.Found found = new JournalRecovery(disk, SPARE, ownership::beat).run();
    nextNumber = found.nextNumber();
    firstOfEpoch = nextNumber;
    last = found.last();
    for (Segment segment : found.segments()) {
      segments.put(segment.header().base(), segment);
    }
    if (found.newest() != null) {
      boolean written = false;
      try {
        writeAgain(found.segments().getLast(), found.newest());
        written = true;
      } finally {
        if (!written) {
          found.close();
        }
      }
    }
  }

  private void writeAgain(Segment newest, SegmentScan scan) throws IOException {
    newest.file().force();
    List<QueuedReport> batch = scan.lastBatch();
    if (batch.isEmpty()) {
      return;
    }
    newest.cut(batch.get(0).sequence(), scan.lastBatchOffset());
    last = batch.get(0).sequence() - 1;
    try {
      append(batch);
    } catch (QueueException e) {
      if (e.reason() != Reason.STORAGE_FULL) {
        throw e;
      }
      LOG.log(System.Logger.Level.WARNING, "the newest reports were not written again", e);
      newest.cut(newest.header().base(), Segment.HEADER);
      segments.put(newest.header().base(), newest);
      new SegmentScan(newest, disk.place(), ownership::beat).run(Long.MAX_VALUE);
      last = newest.last();
    }
  }

  private long first() {
    Map.Entry<Long, Segment> oldest = segments.firstEntry();
    return oldest == null ? last + 1 : oldest.getKey();
  }

  @Override
  public void append(List<QueuedReport> reports) {
    long first = reports.get(0).sequence();
    if (first != last + 1) {
      throw new IllegalStateException("report " + first + " after " + last);
    }
    try {
      write(reports);
      last = reports.get(reports.size() - 1).sequence();
      steps.accept(Step.BATCH_DURABLE);
    } catch (IOException e) {
      throw failed(e);
    } catch (QueueException e) {
      lastFailure = new Failure(clock.instant(), String.valueOf(e.getMessage()));
      if (e.reason() == Reason.FENCED) {
        current = null;
      }
      throw e;
    } catch (RuntimeException | Error e) {
      giveUp(); // nobody knows what of it is written
      throw e;
    }
  }

  private QueueException failed(IOException cause) {
    QueueException failure = Failures.of("reports were not written", disk, cause);
    lastFailure = new Failure(clock.instant(), String.valueOf(failure.getMessage()));
    giveUp();
    return failure;
  }

  /** The file that failed is written no more; one that holds nothing durable goes at once. */
  private void giveUp() {
    Segment failed = current;
    current = null;
    if (failed == null) {
      return;
    }
    failed.fail();
    LOG.log(System.Logger.Level.ERROR, "segment {0} is given up", failed.name());
    if (failed.last() < failed.header().base()) {
      segments.remove(failed.header().base());
      try {
        retire(failed, false);
      } catch (IOException e) {
        leftovers.add(failed.name());
        LOG.log(System.Logger.Level.WARNING, "a segment that failed was not removed", e);
      }
    }
  }

  private void write(List<QueuedReport> reports) throws IOException {
    int size = 0;
    for (QueuedReport report : reports) {
      size = Math.addExact(size, RecordCodec.sizeOf(report.report()));
    }
    Segment segment = current;
    if (segment == null || segment.end() + size > segment.size()) {
      ownership.check();
      current = null;
      segment = begin(reports.get(0).sequence(), size);
      current = segment;
    }
    ByteBuffer buffer = encode(reports, segment.header().salt(), size);
    long start = segment.end();
    segment.file().write(buffer, start);
    steps.accept(Step.BATCH_WRITTEN);
    segment.file().force();
    steps.accept(Step.BATCH_FORCED);
    ownership.check();
    QueuedReport newest = reports.get(reports.size() - 1);
    segment.extend(reports.get(0).sequence(), newest.sequence(), start + size, newest.appendedAt());
    if (!asked && start + size > segment.size() / 2) {
      asked = true;
      spares.ask();
    }
    while (!superseded.isEmpty()) {
      retire(superseded.remove(superseded.size() - 1), false);
    }
  }

  private ByteBuffer encode(List<QueuedReport> reports, long salt, int size) {
    if (writeBuffer.capacity() < size) {
      writeBuffer = ByteBuffer.allocateDirect(Math.max(size, 2 * writeBuffer.capacity()));
    }
    writeBuffer.clear();
    for (int i = 0; i < reports.size(); i++) {
      codec.encode(reports.get(i), i, reports.size(), salt, writeBuffer);
    }
    return writeBuffer.flip();
  }

  /** A new segment from this sequence on, with room for so many bytes. */
  private Segment begin(long base, int size) throws IOException {
    removeLeftovers();
    Spares.Spare spare = spares.take(Segment.HEADER + size);
    long number = nextNumber++;
    long salt = ThreadLocalRandom.current().nextLong();
    Segment.Header header =
        new Segment.Header(number, base, salt, ownership.epoch(), firstOfEpoch, clock.millis());
    String name = Segment.nameOf(number, ownership.epoch());
    asked = false;
    try {
      spare.file().write(header.encode(), 0);
      spare.file().force();
      steps.accept(Step.SEGMENT_FILLED);
      disk.rename(spare.name(), name);
      disk.forceNames();
      steps.accept(Step.SEGMENT_NAMED);
    } catch (IOException e) {
      leftovers.add(spare.name());
      leftovers.add(name); // whichever it is called now: a recovery must not take it for a segment
      spare.file().close();
      throw e;
    }
    Segment segment = new Segment(name, header, spare.file(), spare.size());
    Segment before = segments.put(base, segment);
    if (before != null) {
      superseded.add(before); // what it holds must be durable in the new one before it goes
    }
    return segment;
  }

  @Override
  public List<QueuedReport> read(long first, int maxCount, long maxBytes) {
    try {
      return reader.read(first, maxCount, maxBytes);
    } catch (IOException e) {
      throw Failures.of("report " + first + " cannot be read", disk, e);
    }
  }

  @Override
  public void saveCursors(Collection<Cursor> changed) {
    try {
      Objects.requireNonNull(cursors).save(changed);
    } catch (IOException e) {
      throw Failures.of("cursors were not written", disk, e);
    }
  }

  @Override
  public void removeCursor(String group) {
    try {
      Objects.requireNonNull(cursors).remove(group);
    } catch (IOException e) {
      throw Failures.of("cursors were not written", disk, e);
    }
  }

  /** What a begin that failed has left; what cannot be removed now is tried again. */
  private void removeLeftovers() throws IOException {
    while (!leftovers.isEmpty()) {
      disk.delete(leftovers.get(leftovers.size() - 1));
      leftovers.remove(leftovers.size() - 1);
    }
  }

  /** By the flusher alone, as {@link #append}: what one renames the other does not write. */
  @Override
  public void discard(long before) {
    try {
      removeLeftovers();
      while (true) {
        Map.Entry<Long, Segment> oldest = segments.firstEntry();
        if (oldest == null || oldest.getValue() == current) {
          return;
        }
        Map.Entry<Long, Segment> next = segments.higherEntry(oldest.getKey());
        if (next == null || next.getKey() > before) {
          return;
        }
        ownership.check();
        retire(oldest.getValue(), true);
        segments.remove(oldest.getKey()); // not before: what was not removed is tried again
        steps.accept(Step.SEGMENT_DISCARDED);
      }
    } catch (IOException e) {
      throw Failures.of("old reports were not removed", disk, e);
    }
  }

  private void retire(Segment segment, boolean reusable) throws IOException {
    boolean unused = segment.retire();
    reader.forget(segment);
    // an owner that was taken over from may still write to files that it made: they are not ours
    boolean ours = segment.header().epoch() == ownership.epoch();
    boolean again =
        reusable && unused && ours && !segment.failed() && segment.size() == options.segmentBytes();
    if (!again || !adopted(segment.name())) {
      disk.delete(segment.name());
    }
  }

  private boolean adopted(String name) {
    try {
      return spares.adopt(name);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "a segment cannot be used again", e);
      return false;
    }
  }

  @Override
  public long horizon(Instant oldest, long maxBytes) {
    long bytes = 0;
    long horizon = last + 1;
    for (Segment segment : segments.descendingMap().values()) {
      bytes += segment.size();
      boolean tooOld =
          segment.last() >= segment.header().base()
              && Instant.ofEpochMilli(segment.lastAppendedAt()).isBefore(oldest);
      if (segment != current && (tooOld || bytes > maxBytes)) {
        return horizon;
      }
      horizon = segment.header().base();
    }
    return horizon;
  }

  @Override
  public long addDeadLetter(DeadLetter letter) {
    try {
      long id = Objects.requireNonNull(deadLetters).add(letter);
      ownership.check();
      return id;
    } catch (IOException e) {
      throw Failures.of("a dead letter was not written", disk, e);
    }
  }

  @Override
  public List<DeadLetter> deadLetters(long after, int most) {
    try {
      return Objects.requireNonNull(deadLetters).after(after, most);
    } catch (IOException e) {
      throw Failures.of("dead letters cannot be read", disk, e);
    }
  }

  @Override
  public int deadLetterCount() {
    return Objects.requireNonNull(deadLetters).count();
  }

  @Override
  public boolean removeDeadLetter(long id) {
    try {
      boolean removed = Objects.requireNonNull(deadLetters).remove(id);
      ownership.check();
      return removed;
    } catch (IOException e) {
      throw Failures.of("a dead letter was not removed", disk, e);
    }
  }

  /**
   * Copies what is durable into an empty folder, while others append, read and acknowledge. A store
   * that opens the copy begins with all reports that were acknowledged to producers before.
   *
   * @throws QueueException when it cannot be read or written; the folder is of no use then
   */
  public void copyTo(JournalDisk target) {
    CursorFile positions = Objects.requireNonNull(cursors);
    long epoch = ownership.epoch();
    Segment.Header anew =
        new Segment.Header(
            1, last + 1, ThreadLocalRandom.current().nextLong(), epoch, 1, clock.millis());
    try {
      new JournalCopy(target)
          .run(segments.values(), positions, Objects.requireNonNull(deadLetters), epoch, anew);
    } catch (IOException e) {
      throw Failures.of("the journal was not copied to " + target.place(), disk, e);
    }
  }

  @Override
  public void tick() {
    try {
      ownership.beat();
    } catch (IOException e) {
      throw Failures.of("the ownership was not renewed", disk, e);
    }
  }

  @Override
  public View view() {
    long bytes = segments.values().stream().mapToLong(Segment::size).sum();
    return new View(first(), last, bytes, segments.size(), ownership.epoch(), lastFailure);
  }

  /** What cannot be closed keeps nothing else open: the next owner waits for the ownership. */
  @Override
  public void close() {
    spares.close();
    for (Segment segment : segments.values()) {
      closed(segment::retire);
    }
    CursorFile openCursors = cursors;
    if (openCursors != null) {
      closed(openCursors::close);
    }
    DeadLetterFile openLetters = deadLetters;
    if (openLetters != null) {
      closed(openLetters::close);
    }
    closed(ownership::release);
  }

  private interface Closing {
    void close() throws IOException;
  }

  private static void closed(Closing closing) {
    try {
      closing.close();
    } catch (IOException | RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "the journal was not closed in order", e);
    }
  }
}
