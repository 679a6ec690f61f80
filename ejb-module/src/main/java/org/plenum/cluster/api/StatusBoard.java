package org.plenum.cluster.api;

import java.util.Map;

/**
 * Where each node puts its status for the others to read. Used by one thread of a node; may block,
 * and may throw any RuntimeException when the grid fails.
 */
public interface StatusBoard {
  /**
   * Puts the status of this node and answers what all nodes have put, at most so many; empty where
   * there is no board.
   */
  Map<String, byte[]> exchange(String node, byte[] status, int most);

  /** Takes a status away that is still this one. */
  void remove(String node, byte[] status);
}
