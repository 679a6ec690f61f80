package org.plenum.web.push;

import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.plenum.update.Update;

/**
 * The last updates that a fan-out thread has handled, bounded by number and bytes: what lies
 * between a snapshot of the reader and the live stream. Not thread-safe.
 */
final class RecentUpdates {
  private static final long UNKNOWN = Long.MAX_VALUE;

  private final int maxUpdates;
  private final long maxBytes;
  private final ArrayDeque<Update> updates = new ArrayDeque<>();
  private long bytes;
  private long floor;

  RecentUpdates(int maxUpdates, long maxBytes) {
    this.maxUpdates = maxUpdates;
    this.maxBytes = maxBytes;
    this.floor = UNKNOWN;
  }

  /** Says after which revision the updates given here are complete; may come after the first. */
  void startsAfter(long revision) {
    if (floor == UNKNOWN) {
      floor = revision;
    }
  }

  /** Forgets everything: what comes from now on follows the revision. */
  void restart(long revision) {
    updates.clear();
    bytes = 0;
    floor = revision;
  }

  void add(Update update) {
    updates.add(update);
    bytes += update.json().length;
    while (updates.size() > maxUpdates || bytes > maxBytes) {
      Update dropped = updates.remove();
      bytes -= dropped.json().length;
      floor = dropped.revision();
    }
  }

  /** Whether every update of this thread after the revision is here. */
  boolean coverAfter(long revision) {
    return revision >= floor;
  }

  /** Gives the updates after the revision, in order. */
  void forEachAfter(long revision, Consumer<Update> action) {
    if (updates.isEmpty() || updates.getLast().revision() <= revision) {
      return;
    }
    for (Update update : updates) {
      if (update.revision() > revision) {
        action.accept(update);
      }
    }
  }
}
