package org.plenum.group.api;

/**
 * Where a caller is in the order of all writes: what it has seen before a read, and what the read
 * then showed it (GRP-5). A read is never older than the one, and whoever brings the other along is
 * shown at least as much the next time, on whatever node. Not thread-safe: it belongs to one
 * request.
 */
public final class ReadPoint {
  private final long seen;
  private long shown;
  private boolean behind;

  private ReadPoint(long seen) {
    this.seen = seen;
  }

  /** The point of a caller that has seen everything up to a revision, 0 for nothing. */
  public static ReadPoint of(long seen) {
    return new ReadPoint(seen);
  }

  /** The point of a caller that takes what there is. */
  public static ReadPoint any() {
    return new ReadPoint(0);
  }

  /** The revision that every read must have reached. */
  public long seen() {
    return seen;
  }

  /**
   * Takes note that an answer may contain the update with this revision. It is not asked of the
   * further reads of the same request: they may be as old as the caller allowed.
   */
  public void shows(long revision) {
    shown = Math.max(shown, revision);
  }

  /**
   * Takes note that the node was waited for and is behind what was seen: the further reads of the
   * request do not wait for it again.
   */
  public void behind() {
    behind = true;
  }

  /** Whether the node was found to be behind. */
  public boolean isBehind() {
    return behind;
  }

  /** The highest revision that answers may contain so far, 0 while nothing was read. */
  public long shown() {
    return shown;
  }
}
