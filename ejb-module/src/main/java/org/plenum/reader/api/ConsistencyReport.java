package org.plenum.reader.api;

import java.util.List;

/**
 * The caches of one node, and what it sees of its room, compared with the database (GRP-5), for an
 * administrator.
 *
 * @param revision of the updates of this node when the comparison ended
 * @param roomRevision up to which the cache of the room was current by its own word when it was
 *     compared; 0 when there is none or nobody writes it, -1 when it did not answer
 * @param groups groups of the near cache compared
 * @param segments runs of 64 entries of the near cache compared
 * @param accounts accounts of the near cache compared
 * @param updates updates of the window by which loaded values are brought up to date, compared with
 *     the log
 * @param room values of the cache of the room compared
 * @param unsettled values that could not be compared in several looks, since more changed meanwhile
 *     than the window holds
 * @param complete whether everything that was asked for was looked at within the limit
 * @param differences what differed, at most {@value #MAX_DIFFERENCES}; empty when all is well
 */
public record ConsistencyReport(
    long revision,
    long roomRevision,
    int groups,
    int segments,
    int accounts,
    int updates,
    int room,
    int unsettled,
    boolean complete,
    List<Difference> differences) {
  /** Bound of the list of differences; when it is reached nothing more is compared. */
  public static final int MAX_DIFFERENCES = 100;

  /** Copies the list. */
  public ConsistencyReport {
    differences = List.copyOf(differences);
  }

  /**
   * A value that stayed different from the database when it was looked at several times. Carries no
   * message texts.
   *
   * @param cache {@code near}, {@code window} or {@code room}
   * @param kind group, segment, account or update
   * @param key which one
   * @param detail what differs
   */
  public record Difference(String cache, String kind, String key, String detail) {}

  /** Whether nothing differs. */
  public boolean consistent() {
    return differences.isEmpty();
  }
}
