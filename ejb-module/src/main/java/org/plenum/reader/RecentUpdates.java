package org.plenum.reader;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.plenum.update.Update;

/**
 * The last updates that were applied, without gaps, within a bound of number and bytes. A value
 * that was loaded as of an earlier revision is brought up to date from here. Not thread-safe: the
 * near cache guards it.
 */
final class RecentUpdates {
  private static final int OVERHEAD = 128;

  private final int maxUpdates;
  private final long maxBytes;
  private final ArrayDeque<Update> updates = new ArrayDeque<>();
  private long bytes;
  private long last;

  RecentUpdates(int maxUpdates, long maxBytes) {
    this.maxUpdates = maxUpdates;
    this.maxBytes = maxBytes;
  }

  /** Forgets everything; the next update follows this revision. */
  void restart(long revision) {
    updates.clear();
    bytes = 0;
    last = revision;
  }

  /** Takes the next update. */
  void add(Update update) {
    if (update.revision() != last + 1) {
      throw new IllegalArgumentException(update.revision() + " does not follow " + last);
    }
    updates.addLast(update);
    bytes += size(update);
    last = update.revision();
    while (updates.size() > maxUpdates || (bytes > maxBytes && !updates.isEmpty())) {
      bytes -= size(updates.removeFirst());
    }
  }

  /** The last revision taken. */
  long last() {
    return last;
  }

  /** Whether every update after this revision is still here. */
  boolean reachesBackTo(long revision) {
    return revision >= last - updates.size();
  }

  /** Gives the updates after a revision, in order. */
  void forEachAfter(long revision, Consumer<Update> action) {
    if (!reachesBackTo(revision)) {
      throw new IllegalArgumentException("nothing is kept of " + revision);
    }
    long count = last - revision;
    if (count <= 0) {
      return;
    }
    // From the end: what is missing is nearly always short.
    Update[] missing = new Update[(int) count];
    Iterator<Update> newest = updates.descendingIterator();
    for (int i = missing.length - 1; i >= 0; i--) {
      missing[i] = newest.next();
    }
    for (Update update : missing) {
      action.accept(update);
    }
  }

  /** The newest updates, in order, at most so many. */
  List<Update> newest(int most) {
    List<Update> newest = new ArrayList<>(Math.min(most, updates.size()));
    Iterator<Update> each = updates.descendingIterator();
    while (each.hasNext() && newest.size() < most) {
      newest.add(each.next());
    }
    Collections.reverse(newest);
    return newest;
  }

  private static int size(Update update) {
    return OVERHEAD + update.json().length;
  }
}
