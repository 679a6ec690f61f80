package org.plenum.reader;

import org.plenum.group.api.GroupId;

/**
 * Names a segment: {@link #ENTRIES} consecutive entries of a group's stream.
 *
 * @param index 0 for the sequences from 1 on
 */
record SegmentKey(GroupId group, long index) {
  /** Entries in a full segment. Stored: never change it. */
  static final int ENTRIES = 64;

  /** The segment that holds a sequence. */
  static SegmentKey of(GroupId group, long seq) {
    if (seq < 1) {
      throw new IllegalArgumentException("sequences start at 1, not " + seq);
    }
    return new SegmentKey(group, (seq - 1) / ENTRIES);
  }

  /** The first sequence of the segment. */
  long first() {
    return index * ENTRIES + 1;
  }

  /** The last sequence that the segment can hold. */
  long last() {
    return first() + ENTRIES - 1;
  }
}
