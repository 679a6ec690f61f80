package org.plenum.cluster.api;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A node as another one sees it.
 *
 * @param age since it last said something new, by the clock of who looks
 * @param status the last one that could be read, or null
 */
public record ClusterNode(
    String name, Presence presence, Duration age, @Nullable NodeStatus status) {
  /** Whether it is heard. */
  public enum Presence {
    /** Heard of lately. */
    HERE,
    /** Not heard of for a while: stopped, paused, or cut off. */
    SILENT,
    /** Heard of, in a form that this version cannot read. */
    UNREADABLE
  }

  /** Whether it is heard of and understood. */
  public boolean here() {
    return presence == Presence.HERE && status != null;
  }
}
