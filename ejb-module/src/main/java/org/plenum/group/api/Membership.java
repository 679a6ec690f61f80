package org.plenum.group.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One account's relation to one group. Immutable.
 *
 * @param role meaningful while ACTIVE
 * @param mutedUntil end of the silence, or null
 * @param since when the status began
 * @param readSeq read position: sequence
 * @param readNo read position: number of posted messages up to it
 */
public record Membership(
    GroupId group,
    Actor account,
    MemberStatus status,
    Role role,
    @Nullable Instant mutedUntil,
    Instant since,
    long readSeq,
    long readNo) {
  /** Whether the account takes part in the group. */
  public boolean active() {
    return status == MemberStatus.ACTIVE;
  }

  /** Whether the member is silenced at this instant. */
  public boolean mutedAt(Instant now) {
    return mutedUntil != null && now.isBefore(mutedUntil);
  }
}
