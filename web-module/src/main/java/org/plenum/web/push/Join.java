package org.plenum.web.push;

import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.plenum.group.api.GroupId;

/**
 * One attempt of a connection to follow its groups.
 *
 * @param number the connection's number of it: a later hello makes it stale
 * @param resume last sequence seen by group
 * @param position last revision seen in any group, or 0; used by server-sent events
 * @param attempt how often the reader was too far behind
 * @param repeated whether a fan-out thread has already asked for another attempt
 * @param told revision of the heads that the client was told last, in any attempt
 */
record Join(
    PushConnection connection,
    int number,
    Map<GroupId, Long> resume,
    long position,
    int attempt,
    AtomicBoolean repeated,
    AtomicLong told) {

  Join(PushConnection connection, int number, Map<GroupId, Long> resume, long position) {
    this(connection, number, resume, position, 0, new AtomicBoolean(), new AtomicLong(-1));
  }

  /** The next attempt, which counts as so many. */
  Join next(int weight) {
    return new Join(
        connection, number, resume, position, attempt + weight, new AtomicBoolean(), told);
  }

  /** Whether the client has to be told the heads as of this revision; from now on it is. */
  boolean tells(long revision) {
    return told.getAndSet(revision) != revision;
  }

  boolean current() {
    return !repeated.get() && connection.currentJoin(number);
  }
}
