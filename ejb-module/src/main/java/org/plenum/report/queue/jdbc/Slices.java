package org.plenum.report.queue.jdbc;

import java.time.Instant;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What the table holds, in slices of sequences: so that old reports are found and given up without
 * reading them. Not thread-safe.
 */
final class Slices {
  private final int size;
  private final NavigableMap<Long, Slice> slices = new TreeMap<>();

  /** Weight of its reports, and when the newest of them came. */
  private record Slice(long weight, long newest) {}

  Slices(int size) {
    this.size = size;
  }

  /** Which slice a sequence belongs to. */
  long of(long sequence) {
    return sequence / size;
  }

  private long firstOf(long slice) {
    return slice * size;
  }

  void add(long slice, long weight, long newest) {
    slices.merge(
        slice,
        new Slice(weight, newest),
        (a, b) -> new Slice(a.weight() + b.weight(), Math.max(a.newest(), b.newest())));
  }

  long weight() {
    return slices.values().stream().mapToLong(Slice::weight).sum();
  }

  int count() {
    return slices.size();
  }

  /** Where the oldest slice ends, if all of it is before this sequence; else 0. */
  long endOfOldestBefore(long sequence) {
    Map.Entry<Long, Slice> oldest = slices.firstEntry();
    if (oldest == null || slices.size() == 1) {
      return 0;
    }
    long end = firstOf(oldest.getKey() + 1);
    return end <= sequence ? end : 0;
  }

  void removeOldest() {
    slices.pollFirstEntry();
  }

  /** The first sequence that may stay. */
  long horizon(Instant oldest, long maxBytes, long last) {
    long bytes = 0;
    long horizon = last + 1;
    for (Map.Entry<Long, Slice> entry : slices.descendingMap().entrySet()) {
      bytes += entry.getValue().weight();
      boolean tooOld = Instant.ofEpochMilli(entry.getValue().newest()).isBefore(oldest);
      boolean newest = horizon == last + 1;
      if (!newest && (tooOld || bytes > maxBytes)) {
        return horizon;
      }
      horizon = Math.max(1, firstOf(entry.getKey()));
    }
    return horizon;
  }
}
