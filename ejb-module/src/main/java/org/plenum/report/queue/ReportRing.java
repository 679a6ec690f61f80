package org.plenum.report.queue;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A bounded buffer of reports with contiguous sequences; both halves of the second buffer are of
 * this shape (QUE-3). Bounded in count and in weight. Not thread-safe.
 */
final class ReportRing {
  private static final int SMALLEST = 64;

  private final int maxCount;
  private final long maxBytes;
  private @Nullable QueuedReport[] slots = new QueuedReport[SMALLEST];
  private int head;
  private int count;
  private long bytes;

  ReportRing(int maxCount, long maxBytes) {
    this.maxCount = maxCount;
    this.maxBytes = maxBytes;
  }

  boolean isEmpty() {
    return count == 0;
  }

  int count() {
    return count;
  }

  long bytes() {
    return bytes;
  }

  boolean fits(QueuedReport report) {
    return count < maxCount && bytes + report.report().weight() <= maxBytes;
  }

  void add(QueuedReport report) {
    if (count > 0 && report.sequence() != lastSequence() + 1) {
      throw new IllegalStateException(
          "report " + report.sequence() + " does not follow " + lastSequence());
    }
    if (count == slots.length) {
      grow();
    }
    slots[(head + count) & (slots.length - 1)] = report;
    count++;
    bytes += report.report().weight();
  }

  /** The first one; there must be one. */
  QueuedReport peek() {
    return Objects.requireNonNull(slots[head]);
  }

  /** Takes the first one; there must be one. */
  QueuedReport poll() {
    QueuedReport first = peek();
    slots[head] = null;
    head = (head + 1) & (slots.length - 1);
    count--;
    bytes -= first.report().weight();
    return first;
  }

  long firstSequence() {
    return peek().sequence();
  }

  long lastSequence() {
    return Objects.requireNonNull(slots[(head + count - 1) & (slots.length - 1)]).sequence();
  }

  void dropBefore(long sequence) {
    while (count > 0 && firstSequence() < sequence) {
      poll();
    }
  }

  void clear() {
    Arrays.fill(slots, null);
    head = 0;
    count = 0;
    bytes = 0;
  }

  private void grow() {
    @Nullable QueuedReport[] larger = new QueuedReport[slots.length * 2];
    int untilEnd = slots.length - head;
    System.arraycopy(slots, head, larger, 0, untilEnd);
    System.arraycopy(slots, 0, larger, untilEnd, head);
    slots = larger;
    head = 0;
  }
}
