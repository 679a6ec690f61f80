package org.plenum.web.push;

import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.plenum.group.api.GroupId;

/**
 * One attempt of a connection to follow its groups.
 *
 * @param number the connection's number of it: a later hello makes it stale
 * @param resume last sequence seen by group
 * @param position last revision seen in any group, or 0; used by server-sent events
 * @param attempt how often the reader was too far behind
 * @param repeated whether a fan-out thread has already asked for another attempt
 */
record Join(
    PushConnection connection,
    int number,
    Map<GroupId, Long> resume,
    long position,
    int attempt,
    AtomicBoolean repeated) {

  Join(PushConnection connection, int number, Map<GroupId, Long> resume, long position) {
    this(connection, number, resume, position, 0, new AtomicBoolean());
  }

  Join next() {
    return new Join(connection, number, resume, position, attempt + 1, new AtomicBoolean());
  }

  boolean current() {
    return !repeated.get() && connection.currentJoin(number);
  }
}
