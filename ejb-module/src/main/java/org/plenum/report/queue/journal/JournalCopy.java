package org.plenum.report.queue.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plenum.report.queue.Cursor;
import org.plenum.report.queue.journal.JournalDisk.DiskFile;

/**
 * A copy of a journal that is in use, as of one moment: the cursors first, then the segments as far
 * as they are durable. So the copy has no torn tail, no cursor in it is beyond its newest report,
 * and what no group needs any more is the most that it lacks. No dead letter comes or goes in that
 * moment: one is stored before the cursor passes its report, and goes when its report is appended
 * again, so the copy holds the letter or the report. One thread.
 */
final class JournalCopy {
  private static final int BLOCK = 1 << 20;
  private static final int ATTEMPTS = 100;

  private final JournalDisk target;
  private final ByteBuffer buffer = ByteBuffer.allocate(BLOCK);

  /** A segment that stays open, and where its durable records ended. */
  private record Held(Segment segment, long end, long last) {}

  JournalCopy(JournalDisk target) {
    this.target = target;
  }

  /**
   * Copies.
   *
   * @param anew header of a segment that holds nothing, for a journal that has no segments
   */
  void run(
      Collection<Segment> segments,
      CursorFile cursors,
      DeadLetterFile deadLetters,
      long epoch,
      Segment.Header anew)
      throws IOException {
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      List<Held> held = new ArrayList<>();
      try {
        Optional<List<Cursor>> positions = moment(segments, cursors, deadLetters, held);
        if (positions.isPresent()) {
          copy(held, anew);
          try (CursorFile copied = CursorFile.open(target, epoch, step -> {})) {
            copied.save(positions.get());
          }
          target.forceNames();
          return;
        }
      } finally {
        for (Held each : held) {
          each.segment().release();
        }
      }
    }
    throw new IOException("the journal changes faster than it can be looked at");
  }

  /**
   * Looks at everything while the dead letters stand still, and copies these, which are few.
   *
   * @param held gets the segments, which can then be copied while all goes on
   * @return the positions, or nothing when segments came or went meanwhile
   */
  private Optional<List<Cursor>> moment(
      Collection<Segment> segments, CursorFile cursors, DeadLetterFile deadLetters, List<Held> held)
      throws IOException {
    synchronized (deadLetters) {
      List<Cursor> positions = cursors.all();
      hold(segments, held);
      boolean closed = held.isEmpty() && !segments.isEmpty();
      if (closed || !coherent(held, positions)) {
        return Optional.empty();
      }
      deadLetters.copyTo(target);
      return Optional.of(positions);
    }
  }

  private static void hold(Collection<Segment> segments, List<Held> held) {
    for (Segment segment : segments) {
      if (segment.acquire()) {
        synchronized (segment) {
          held.add(new Held(segment, segment.end(), segment.last()));
        }
      }
    }
  }

  /** Whether the segments follow each other and begin where the groups need them at the latest. */
  private static boolean coherent(List<Held> held, List<Cursor> positions) {
    @Nullable Held before = null;
    for (Held each : held) {
      long base = each.segment().header().base();
      boolean follows =
          before == null
              ? positions.stream().allMatch(cursor -> cursor.acked() + 1 >= base)
              : before.last() + 1 == base;
      if (!follows) {
        return false;
      }
      before = each;
    }
    return true;
  }

  private void copy(List<Held> held, Segment.Header anew) throws IOException {
    for (Held each : held) {
      try (DiskFile file = target.open(each.segment().name())) {
        file.write(each.segment().header().encode().limit(Segment.HEADER), 0);
        long at = Segment.HEADER;
        while (at < each.end()) {
          buffer.clear().limit((int) Math.min(BLOCK, each.end() - at));
          int read = each.segment().file().read(buffer, at);
          if (read <= 0) {
            throw new IOException(each.segment().name() + " ends before byte " + each.end());
          }
          file.write(buffer.flip(), at);
          at += read;
        }
        file.force();
      }
    }
    if (held.isEmpty()) {
      try (DiskFile file = target.open(Segment.nameOf(anew.number(), anew.epoch()))) {
        file.write(anew.encode().limit(Segment.HEADER), 0);
        file.force();
      }
    }
  }
}
