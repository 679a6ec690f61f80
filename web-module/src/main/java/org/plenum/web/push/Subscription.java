package org.plenum.web.push;

/** One socket's place in one group. Confined to the fan-out thread of the group. */
final class Subscription {
  /** How updates reach the socket. */
  enum State {
    /** As they come. */
    LIVE,
    /** A gap before them is being fetched. */
    CATCHING_UP,
    /** The socket's queue was full; it gets a resync when it has room. */
    LAGGING,
    /** Ended; late answers for it are ignored. */
    ENDED
  }

  final PushConnection connection;
  final GroupChannel channel;

  /** Last sequence queued for the socket. */
  long lastSeq;

  /**
   * Whether {@link #lastSeq} is a head that the socket is only assumed to have: it resumed by a
   * position, and the head may be ahead of the fan-out thread.
   */
  boolean assumed;

  State state = State.LIVE;

  /** Pages fetched of the gap. */
  int pages;

  /** Index in the channel's list. */
  int index;

  /** Head given in the last heartbeat; used by the heartbeat thread only. */
  long announced;

  Subscription(PushConnection connection, GroupChannel channel, long lastSeq) {
    this.connection = connection;
    this.channel = channel;
    this.lastSeq = lastSeq;
    this.announced = lastSeq;
  }

  /** The first update after the join has this sequence: all from there on is news to the socket. */
  void confirm(long first) {
    if (assumed) {
      assumed = false;
      lastSeq = Math.min(lastSeq, first - 1);
    }
  }
}
