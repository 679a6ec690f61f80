package org.plenum.report.queue.journal;

import java.time.Duration;

/**
 * Settings of a journal.
 *
 * @param owner the name of this node, for messages
 * @param segmentBytes size of a segment file; it is written full of zeros before it is used, so
 *     that writing to it changes no metadata
 * @param lease zero when the lock of the file system is enough; else for how long the owner of
 *     storage that several nodes mount must have been silent before another takes over
 */
public record JournalOptions(String owner, int segmentBytes, Duration lease) {
  /** Refuses segments that would be too small. */
  public JournalOptions {
    if (segmentBytes < 4_096) {
      throw new IllegalArgumentException("a segment has at least 4096 bytes");
    }
  }

  /** Segments of 64 MB on storage of this machine. */
  public static JournalOptions defaults(String owner) {
    return new JournalOptions(owner, 64 << 20, Duration.ZERO);
  }
}
