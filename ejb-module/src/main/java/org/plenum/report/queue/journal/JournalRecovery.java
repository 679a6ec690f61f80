package org.plenum.report.queue.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.QueueException.Reason;
import org.plenum.report.queue.journal.JournalDisk.DiskFile;

/**
 * Finds the segments of a journal when it is opened: removes what never counted, and scans the
 * others from the newest to the oldest, since where one begins says where the one before ends. Used
 * once, by the thread that opens the journal.
 */
final class JournalRecovery {
  private static final System.Logger LOG = System.getLogger(JournalRecovery.class.getName());

  private final JournalDisk disk;
  private final String spares;
  private final SegmentScan.Beat beat;
  private long nextNumber = 1;
  private long last;

  /**
   * What was found.
   *
   * @param segments oldest first
   * @param newest scan of the last segment, null when there is none
   * @param nextNumber number of the next segment
   * @param last the last sequence, 0 when there never was one
   */
  record Found(List<Segment> segments, @Nullable SegmentScan newest, long nextNumber, long last) {
    void close() throws IOException {
      for (Segment segment : segments) {
        segment.file().close();
      }
    }
  }

  /**
   * A recovery.
   *
   * @param spares how the names of files begin that wait to become segments
   * @param beat called for each piece that is read
   */
  JournalRecovery(JournalDisk disk, String spares, SegmentScan.Beat beat) {
    this.disk = disk;
    this.spares = spares;
    this.beat = beat;
  }

  Found run() throws IOException {
    List<Segment> found = new ArrayList<>();
    boolean recovered = false;
    try {
      Found all = recover(found);
      recovered = true;
      return all;
    } finally {
      for (int i = 0; i < found.size() && !recovered; i++) {
        found.get(i).file().close();
      }
    }
  }

  private Found recover(List<Segment> found) throws IOException {
    for (String name : disk.list()) {
      if (Segment.isName(name)) {
        found.add(find(name));
      } else if (name.startsWith(spares)) {
        disk.delete(name);
      }
    }
    removeLate(found);
    SegmentScan newest = scanNewest(found);
    if (newest == null) {
      return new Found(List.of(), null, nextNumber, last);
    }
    List<Segment> kept = new ArrayList<>();
    long next = Long.MAX_VALUE;
    for (int i = found.size() - 1; i >= 0; i--) {
      Segment segment = found.get(i);
      if (segment.header().base() >= next) {
        drop(segment); // begun again by a later one: nothing in it was acknowledged
      } else {
        if (next != Long.MAX_VALUE) {
          new SegmentScan(segment, disk.place(), beat).run(next);
        }
        next = segment.header().base();
        kept.add(segment);
      }
    }
    Collections.reverse(kept);
    return new Found(kept, newest, nextNumber, kept.getLast().last());
  }

  /** What an owner named after it had been taken over from: nothing in it was acknowledged. */
  private void removeLate(List<Segment> found) throws IOException {
    NavigableMap<Long, Long> firstOfEpochs = new TreeMap<>();
    for (Segment segment : found) {
      firstOfEpochs.put(segment.header().epoch(), segment.header().firstOfEpoch());
    }
    for (Segment segment : List.copyOf(found)) {
      Segment.Header header = segment.header();
      if (firstOfEpochs.tailMap(header.epoch(), false).values().stream()
          .anyMatch(first -> first <= header.number())) {
        LOG.log(System.Logger.Level.WARNING, "segment {0} came too late", segment.name());
        found.remove(segment);
        drop(segment);
      }
    }
  }

  /**
   * Finds the end. A file whose first batch is not whole never counted: the one before is newer.
   */
  private @Nullable SegmentScan scanNewest(List<Segment> found) throws IOException {
    while (!found.isEmpty()) {
      Segment segment = found.get(found.size() - 1);
      SegmentScan scan = new SegmentScan(segment, disk.place(), beat);
      scan.run(Long.MAX_VALUE);
      if (segment.last() >= segment.header().base()) {
        return scan;
      }
      if (found.size() == 1) {
        last = segment.header().base() - 1; // all before it was discarded
      }
      drop(segment);
      found.remove(found.size() - 1);
    }
    return null;
  }

  private void drop(Segment segment) throws IOException {
    segment.file().close();
    disk.delete(segment.name());
  }

  private Segment find(String name) throws IOException {
    DiskFile file = disk.existing(name); // another owner may just have deleted it
    boolean sound = false;
    try {
      ByteBuffer start = ByteBuffer.allocate(Segment.HEADER);
      file.read(start, 0);
      Segment.Header header = Segment.Header.decode(start.flip());
      if (header == null || !Segment.nameOf(header.number(), header.epoch()).equals(name)) {
        throw new QueueException(
            Reason.DAMAGED,
            ("the header of segment %s in %s is damaged at byte 0; restore the file from a copy, or"
                    + " give up what it holds with the repair of the journal (JournalRepair)")
                .formatted(name, disk.place()));
      }
      Segment found = new Segment(name, header, file, file.size());
      nextNumber = Math.max(nextNumber, header.number() + 1);
      sound = true;
      return found;
    } finally {
      if (!sound) {
        file.close();
      }
    }
  }
}
