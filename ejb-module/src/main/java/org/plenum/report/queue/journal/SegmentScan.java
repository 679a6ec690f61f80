package org.plenum.report.queue.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.QueueException.Reason;
import org.plenum.report.queue.QueuedReport;

/**
 * Reads a segment from its beginning and says where its sound records end, and whether what follows
 * is a torn tail or damage. A batch is begun only when the one before is durable, so behind the
 * first unsound record a sound one of a later batch proves that something acknowledged was damaged;
 * one of the same batch, or none, is what a crash in the middle of a write leaves. Not thread-safe.
 */
final class SegmentScan {
  private static final int WINDOW = 1 << 20;

  private final Segment segment;
  private final String place;
  private final int largest;
  private final Beat beat;
  private final RecordCodec codec = new RecordCodec();
  private ByteBuffer window;
  private long windowStart = Segment.HEADER;
  private long lastBatchOffset;
  private List<QueuedReport> lastBatch = List.of();

  /** Is called for each piece that is read: a recovery may take longer than a lease. */
  interface Beat {
    void beat() throws IOException;
  }

  SegmentScan(Segment segment, String place, Beat beat) {
    this.segment = segment;
    this.place = place;
    this.beat = beat;
    this.largest = (int) segment.size();
    this.window = ByteBuffer.allocate(Math.min(WINDOW, largest)).limit(0);
  }

  /**
   * Finds the records before the given sequence, all of which must be there.
   *
   * @param next the base of the segment that follows; Long.MAX_VALUE when this is the newest, whose
   *     tail may be torn
   */
  void run(long next) throws IOException {
    long offset = Segment.HEADER;
    long expected = segment.header().base();
    List<QueuedReport> batch = new ArrayList<>();
    long batchOffset = offset;
    while (expected < next) {
      RecordCodec.Found found = claims(offset, expected) ? at(offset) : null;
      if (found == null
          || found.report().sequence() != expected
          || found.batchFirst() + batch.size() != expected) {
        judge(offset, expected, next);
        break;
      }
      batch.add(found.report());
      offset += found.size();
      expected++;
      if (found.endsBatch() || expected == next) {
        segment.extend(batch.get(0).sequence(), expected - 1, offset, found.report().appendedAt());
        lastBatch = batch;
        lastBatchOffset = batchOffset;
        batch = new ArrayList<>();
        batchOffset = offset;
      }
    }
  }

  /** The newest whole batch that was found, and where it begins. */
  List<QueuedReport> lastBatch() {
    return lastBatch;
  }

  long lastBatchOffset() {
    return lastBatchOffset;
  }

  /** Looked at before the length is believed: it may be any text of the file's earlier life. */
  private boolean claims(long offset, long expected) throws IOException {
    return load(offset, RecordCodec.HEADER)
        && RecordCodec.claimedSequence(window, (int) (offset - windowStart)) == expected;
  }

  private RecordCodec.@Nullable Found at(long offset) throws IOException {
    if (!load(offset, RecordCodec.HEADER)) {
      return null;
    }
    int size = RecordCodec.claimedSize(window, (int) (offset - windowStart), largest);
    if (size == 0 || !load(offset, size)) {
      return null;
    }
    return codec.decode(window, (int) (offset - windowStart), segment.header().salt(), largest);
  }

  /** Has so many bytes in the window; false when the file ends before. */
  private boolean load(long offset, int length) throws IOException {
    if (offset >= windowStart && offset + length <= windowStart + window.limit()) {
      return true;
    }
    if (offset + length > segment.size()) {
      return false;
    }
    if (window.capacity() < length) {
      window = ByteBuffer.allocate(length);
    }
    beat.beat();
    window.clear();
    windowStart = offset;
    int read = 0;
    while (window.hasRemaining() && read >= 0) {
      read = segment.file().read(window, windowStart + window.position());
    }
    window.flip();
    return window.limit() >= length;
  }

  private void judge(long offset, long expected, long next) throws IOException {
    if (next != Long.MAX_VALUE) {
      throw damaged(offset, expected, next - 1);
    }
    for (long at = offset + 1; at + RecordCodec.HEADER <= segment.size(); at++) {
      boolean possible =
          load(at, RecordCodec.HEADER)
              && RecordCodec.mayBelongToLaterBatch(
                  window, (int) (at - windowStart), expected, at - offset);
      RecordCodec.Found found = possible ? at(at) : null;
      if (found != null) {
        throw damaged(offset, expected, found.report().sequence());
      }
    }
  }

  private QueueException damaged(long offset, long expected, long later) {
    return new QueueException(
        Reason.DAMAGED,
        ("segment %s in %s is damaged at byte %d, or the file after it is missing: report %d should"
                + " be there, and report %d was written later. Restore the files from a copy, or"
                + " give up what cannot be read with the repair of the journal (JournalRepair)")
            .formatted(segment.name(), place, offset, expected, later));
  }
}
