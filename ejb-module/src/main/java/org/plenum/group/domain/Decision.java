package org.plenum.group.domain;

import java.util.List;
import org.plenum.group.api.GroupEvent;
import org.plenum.platform.ErrorCode;

/** What a command comes to. */
public sealed interface Decision {
  /**
   * The command takes effect.
   *
   * @param events what happens, in order, never empty; each becomes one entry
   */
  record Accepted(List<GroupEvent> events) implements Decision {
    public Accepted {
      events = List.copyOf(events);
      if (events.isEmpty()) {
        throw new IllegalArgumentException("an accepted command has at least one event");
      }
    }

    Accepted(GroupEvent event) {
      this(List.of(event));
    }
  }

  /**
   * The actor's read position is at this sequence; it may have been there before, then nothing
   * needs to be written.
   */
  record Marked(long seq) implements Decision {}

  /** The command has no effect. */
  record Rejected(ErrorCode code, String detail) implements Decision {}
}
