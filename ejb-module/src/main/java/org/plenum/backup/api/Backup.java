package org.plenum.backup.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A backup of this node.
 *
 * @param name of its folder
 * @param seconds how long it took, or has taken so far
 * @param bytes its size, or what of it is written
 * @param revision the last update that it holds; 0 while that is not known
 * @param problem why it failed; null otherwise
 */
public record Backup(
    String name,
    State state,
    Instant startedAt,
    double seconds,
    long bytes,
    long revision,
    @Nullable String problem) {
  /** How far it is. */
  public enum State {
    RUNNING,
    COMPLETE,
    /** Nothing of it is left; only the last failure of this run of the node is remembered. */
    FAILED
  }
}
