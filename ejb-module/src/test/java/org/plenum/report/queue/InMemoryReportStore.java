package org.plenum.report.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.plenum.report.queue.QueueException.Reason;

/**
 * A store without a disk, with a hook before each operation that tests wait in or throw from. What
 * it keeps outlives its owners: a {@link Shelf} is handed from one to the next. Thread-safe.
 */
final class InMemoryReportStore implements ReportStore {
  /** What is kept. */
  static final class Shelf {
    final NavigableMap<Long, QueuedReport> reports = new TreeMap<>();
    final NavigableMap<String, Cursor> cursors = new TreeMap<>();
    final NavigableMap<Long, DeadLetter> letters = new TreeMap<>();
    long last;
    long lastLetter;
    long epoch;
    boolean owned;
  }

  private final Shelf shelf;
  private final boolean force;
  private volatile Consumer<String> hook = operation -> {};
  private long epoch;

  InMemoryReportStore() {
    this(new Shelf(), false);
  }

  InMemoryReportStore(Shelf shelf, boolean force) {
    this.shelf = shelf;
    this.force = force;
  }

  /**
   * Is called with the name of each operation before it takes effect, by the thread that does it.
   */
  void before(Consumer<String> action) {
    hook = action;
  }

  @Override
  public Contents open() {
    synchronized (shelf) {
      if (shelf.owned && !force) {
        throw new QueueException(Reason.IN_USE, "the shelf is in use");
      }
      shelf.owned = true;
      epoch = ++shelf.epoch;
      return new Contents(first(), shelf.last, List.copyOf(shelf.cursors.values()));
    }
  }

  private long first() {
    return shelf.reports.isEmpty() ? shelf.last + 1 : shelf.reports.firstKey();
  }

  private boolean mine() {
    return epoch == shelf.epoch;
  }

  private void check() {
    if (!mine()) {
      throw new QueueException(Reason.FENCED, "somebody else has the shelf");
    }
  }

  @Override
  public void append(List<QueuedReport> reports) {
    hook.accept("append");
    synchronized (shelf) {
      check();
      if (reports.get(0).sequence() != shelf.last + 1) {
        throw new IllegalStateException(reports.get(0).sequence() + " after " + shelf.last);
      }
      reports.forEach(report -> shelf.reports.put(report.sequence(), report));
      shelf.last = shelf.reports.lastKey();
    }
  }

  @Override
  public List<QueuedReport> read(long first, int maxCount, long maxBytes) {
    hook.accept("read");
    synchronized (shelf) {
      List<QueuedReport> found = new ArrayList<>();
      long weight = 0;
      for (QueuedReport report : shelf.reports.tailMap(first).values()) {
        weight += report.report().weight();
        boolean enough = !found.isEmpty() && weight > maxBytes;
        if (found.size() == maxCount || enough) {
          break;
        }
        found.add(report);
      }
      if (found.isEmpty() || found.get(0).sequence() != first) {
        throw new QueueException(Reason.STORAGE_FAILED, "report " + first + " is not stored");
      }
      return found;
    }
  }

  @Override
  public void saveCursors(Collection<Cursor> cursors) {
    hook.accept("saveCursors");
    synchronized (shelf) {
      if (mine()) {
        cursors.forEach(cursor -> shelf.cursors.put(cursor.group(), cursor));
      }
    }
  }

  @Override
  public void removeCursor(String group) {
    hook.accept("removeCursor");
    synchronized (shelf) {
      if (mine()) {
        shelf.cursors.remove(group);
      }
    }
  }

  @Override
  public void discard(long before) {
    hook.accept("discard");
    synchronized (shelf) {
      check();
      shelf.reports.headMap(before).clear();
    }
  }

  @Override
  public long horizon(Instant oldest, long maxBytes) {
    hook.accept("horizon");
    synchronized (shelf) {
      long horizon = shelf.last + 1;
      long bytes = 0;
      for (QueuedReport report : shelf.reports.descendingMap().values()) {
        bytes += report.report().weight();
        boolean tooOld = Instant.ofEpochMilli(report.appendedAt()).isBefore(oldest);
        if (report.sequence() != shelf.last && (tooOld || bytes > maxBytes)) {
          return horizon;
        }
        horizon = report.sequence();
      }
      return horizon;
    }
  }

  @Override
  public long addDeadLetter(DeadLetter letter) {
    hook.accept("addDeadLetter");
    synchronized (shelf) {
      check();
      for (DeadLetter known : shelf.letters.values()) {
        if (known.group().equals(letter.group())
            && known.report().sequence() == letter.report().sequence()) {
          return known.id();
        }
      }
      shelf.letters.put(++shelf.lastLetter, letter.withId(shelf.lastLetter));
      return shelf.lastLetter;
    }
  }

  @Override
  public List<DeadLetter> deadLetters(long after, int most) {
    hook.accept("deadLetters");
    synchronized (shelf) {
      return shelf.letters.tailMap(after, false).values().stream().limit(most).toList();
    }
  }

  @Override
  public int deadLetterCount() {
    synchronized (shelf) {
      return shelf.letters.size();
    }
  }

  @Override
  public boolean removeDeadLetter(long id) {
    hook.accept("removeDeadLetter");
    synchronized (shelf) {
      check();
      return shelf.letters.remove(id) != null;
    }
  }

  @Override
  public void tick() {
    hook.accept("tick");
    synchronized (shelf) {
      check();
    }
  }

  @Override
  public View view() {
    synchronized (shelf) {
      long bytes = shelf.reports.values().stream().mapToLong(each -> each.report().weight()).sum();
      return new View(first(), shelf.last, bytes, 1, epoch, null);
    }
  }

  @Override
  public void close() {
    synchronized (shelf) {
      if (mine()) {
        shelf.owned = false;
      }
    }
  }
}
