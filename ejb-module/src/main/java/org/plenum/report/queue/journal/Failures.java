package org.plenum.report.queue.journal;

import java.io.IOException;
import java.util.Locale;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.QueueException.Reason;

/** Says what an I/O error means for the queue. */
final class Failures {
  private static final int LEAST = 4_096;

  private Failures() {}

  static QueueException of(String what, JournalDisk disk, IOException cause) {
    String place = disk.place();
    String text = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
    boolean full =
        text.contains("no space left") || text.contains("quota exceeded") || isFull(disk);
    return new QueueException(
        full ? Reason.STORAGE_FULL : Reason.STORAGE_FAILED,
        "%s in %s: %s".formatted(what, place, full ? "no space left" : cause),
        cause);
  }

  /** The message of the operating system is in the language of the administrator. */
  private static boolean isFull(JournalDisk disk) {
    try {
      return disk.freeBytes() < LEAST;
    } catch (IOException e) {
      return false; // the first error is the one to report
    }
  }

  static QueueException full(String place, long free, long needed) {
    return new QueueException(
        Reason.STORAGE_FULL,
        "no space left in %s: %d bytes are free, %d are needed".formatted(place, free, needed));
  }
}
