package org.plenum.report.queue.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.QueueException.Reason;
import org.plenum.report.queue.QueuedReport;

/**
 * Reads reports back from the segments, and remembers where the next ones begin, since a consumer
 * reads on from where it ended. Thread-safe: any thread reads while the flusher appends and
 * discards.
 */
final class JournalReader {
  private static final System.Logger LOG = System.getLogger(JournalReader.class.getName());
  private static final int KNOWN_PLACES = 256;
  private static final int KEPT_BUFFERS = 4;

  private final ConcurrentNavigableMap<Long, Segment> segments;
  private final String place;
  private final int bufferBytes;
  private final Map<Long, Segment.Place> places = new ConcurrentHashMap<>();
  private final Deque<ByteBuffer> buffers = new ArrayDeque<>();

  /**
   * A reader.
   *
   * @param segments by the first sequence of each; changes while it is used
   * @param place where they are, for messages
   * @param bufferBytes how much is read at once
   */
  JournalReader(ConcurrentNavigableMap<Long, Segment> segments, String place, int bufferBytes) {
    this.segments = segments;
    this.place = place;
    this.bufferBytes = bufferBytes;
  }

  /** The segment is no longer one of them. */
  void forget(Segment segment) {
    places.values().removeIf(known -> known.segment() == segment);
  }

  /**
   * The reports from a sequence on, as many as the bounds and the segment's end allow; at least
   * one.
   *
   * @throws QueueException STORAGE_FAILED when the first is not there, DAMAGED when it is not sound
   */
  List<QueuedReport> read(long first, int maxCount, long maxBytes) throws IOException {
    Segment.Place known = places.remove(first);
    Segment.Place from = known != null ? known : placeOf(first);
    Segment segment = from.segment();
    ByteBuffer buffer = takeBuffer();
    if (!segment.acquire()) {
      giveBuffer(buffer);
      throw gone(first);
    }
    try {
      return read(segment, from, first, maxCount, maxBytes, buffer);
    } finally {
      giveBuffer(buffer);
      release(segment);
    }
  }

  private static void release(Segment segment) {
    try {
      segment.release();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "a segment that is gone was not closed", e);
    }
  }

  private Segment.Place placeOf(long sequence) {
    Map.Entry<Long, Segment> entry = segments.floorEntry(sequence);
    if (entry == null || sequence > entry.getValue().last()) {
      throw gone(sequence);
    }
    return entry.getValue().placeBefore(sequence);
  }

  private QueueException gone(long sequence) {
    Map.Entry<Long, Segment> oldest = segments.firstEntry();
    Map.Entry<Long, Segment> newest = segments.lastEntry();
    return new QueueException(
        Reason.STORAGE_FAILED,
        oldest == null || newest == null
            ? "report %d is not stored in %s, nor any other".formatted(sequence, place)
            : "report %d is not stored in %s, only %d to %d"
                .formatted(sequence, place, oldest.getKey(), newest.getValue().last()));
  }

  private List<QueuedReport> read(
      Segment segment,
      Segment.Place from,
      long first,
      int maxCount,
      long maxBytes,
      ByteBuffer shared)
      throws IOException {
    List<QueuedReport> found = new ArrayList<>(Math.min(maxCount, 1_024));
    RecordCodec reader = new RecordCodec();
    long end = segment.end();
    long lastSequence = segment.last();
    long offset = from.offset();
    long sequence = from.sequence();
    long weight = 0;
    ByteBuffer window = shared;
    fill(segment, window, offset, end);
    long start = offset;
    while (sequence <= lastSequence && found.size() < maxCount) {
      int at = (int) (offset - start);
      if (!isWhole(window, at) && !found.isEmpty()) {
        break;
      }
      while (!isWhole(window, at) && start + window.limit() < end) {
        window = at == 0 ? larger(window, end - offset) : window;
        fill(segment, window, offset, end);
        start = offset;
        at = 0;
      }
      RecordCodec.Found record =
          reader.decode(window, at, segment.header().salt(), (int) segment.size());
      if (record == null || record.report().sequence() != sequence) {
        throw new QueueException(
            Reason.DAMAGED,
            ("segment %s in %s is damaged at byte %d: report %d should be there; restore it from a"
                    + " copy, or give the report up with the repair of the journal (JournalRepair)")
                .formatted(segment.name(), place, offset, sequence));
      }
      if (sequence >= first) {
        weight += record.report().report().weight();
        if (weight > maxBytes && !found.isEmpty()) {
          break;
        }
        found.add(record.report());
      }
      offset += record.size();
      sequence++;
    }
    if (sequence <= lastSequence) {
      if (places.size() >= KNOWN_PLACES) {
        places.clear();
      }
      places.put(sequence, new Segment.Place(segment, sequence, offset));
    }
    return found;
  }

  private static boolean isWhole(ByteBuffer window, int at) {
    if (window.limit() - at < RecordCodec.HEADER) {
      return false;
    }
    int size = RecordCodec.claimedSize(window, at, Integer.MAX_VALUE);
    return size == 0 || window.limit() - at >= size; // a size of 0 is for the decoder to refuse
  }

  private static ByteBuffer larger(ByteBuffer window, long needed) {
    long doubled = Math.min(Math.max(needed, window.capacity()), 2L * window.capacity());
    return ByteBuffer.allocate(Math.toIntExact(Math.max(window.capacity(), doubled)));
  }

  private static void fill(Segment segment, ByteBuffer window, long offset, long end)
      throws IOException {
    window.clear().limit((int) Math.min(window.capacity(), end - offset));
    int read = 0;
    while (window.hasRemaining() && read >= 0) {
      read = segment.file().read(window, offset + window.position());
    }
    window.flip();
  }

  private ByteBuffer takeBuffer() {
    synchronized (buffers) {
      ByteBuffer kept = buffers.poll();
      return kept != null ? kept : ByteBuffer.allocate(bufferBytes);
    }
  }

  private void giveBuffer(ByteBuffer buffer) {
    synchronized (buffers) {
      if (buffers.size() < KEPT_BUFFERS) {
        buffers.add(buffer);
      }
    }
  }
}
