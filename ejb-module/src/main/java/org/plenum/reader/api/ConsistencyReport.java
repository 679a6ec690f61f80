package org.plenum.reader.api;

import java.util.List;

/**
 * The caches compared with the database, for an administrator.
 *
 * @param revision of the updates of this node when the comparison ended
 * @param groups groups compared
 * @param segments runs of 64 entries compared
 * @param accounts accounts compared
 * @param differences what differed, at most {@value #MAX_DIFFERENCES}; empty when all is well
 */
public record ConsistencyReport(
    long revision, int groups, int segments, int accounts, List<Difference> differences) {
  /** Bound of the list of differences. */
  public static final int MAX_DIFFERENCES = 100;

  /** Copies the list. */
  public ConsistencyReport {
    differences = List.copyOf(differences);
  }

  /**
   * A value that stayed different from the database when it was looked at several times. Carries no
   * message texts.
   *
   * @param cache {@code near} or {@code room}
   * @param kind group, segment or account
   * @param key which one
   * @param detail what differs
   */
  public record Difference(String cache, String kind, String key, String detail) {}

  /** Whether nothing differs. */
  public boolean consistent() {
    return differences.isEmpty();
  }
}
