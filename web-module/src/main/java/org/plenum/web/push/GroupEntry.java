package org.plenum.web.push;

import java.util.ArrayList;
import java.util.List;
import org.plenum.update.Update;

/**
 * Where a socket enters a group: it has everything up to {@code from} of {@code head}, which is the
 * head as of the revision at which the memberships were read, or a later one; it may be ahead of
 * the fan-out thread.
 */
final class GroupEntry {
  long from;
  final long head;

  /** Whether the client's gap is too large to be filled. */
  boolean tooFar;

  /** Last sequence that the client says it has, 0 when it says none. */
  long seen;

  final List<Update> missed = new ArrayList<>(0);

  GroupEntry(long from, long head) {
    this.from = from;
    this.head = head;
  }
}
