package org.plenum.group.domain;

/**
 * Bounds that the decider enforces.
 *
 * @param maxMembers active members of one group, at least 1
 */
public record GroupLimits(int maxMembers) {
  public GroupLimits {
    if (maxMembers < 1) {
      throw new IllegalArgumentException("a group has at least one member");
    }
  }

  /** The documented defaults. */
  public static GroupLimits defaults() {
    return new GroupLimits(10_000);
  }
}
