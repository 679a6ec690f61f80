package org.plenum.report.xmpp;

import java.util.Map;

/**
 * Which node owns which server: a lease with an epoch for each server, by the clock of the
 * database. Thread-safe; all calls block for the database and throw {@code ServiceException}
 * READ_UNAVAILABLE.
 */
interface XmppLeases {
  /**
   * Says that this node is there.
   *
   * @return how many nodes are there, this one included
   */
  int present(String node, int leaseSeconds);

  /** Says that this node is no longer there. */
  void absent(String node);

  /**
   * Takes a server that nobody owns, or whose owner's lease has ended.
   *
   * @return the epoch of the new lease; 0 when somebody else owns the server
   */
  long acquire(String server, String node, int leaseSeconds);

  /** Goes on owning; false when another node has taken over. */
  boolean renew(String server, long epoch, int leaseSeconds);

  /** Gives a server back; without effect when another node has taken over. */
  void release(String server, long epoch);

  /** Server to node, of all leases that have not ended. */
  Map<String, String> owners();
}
