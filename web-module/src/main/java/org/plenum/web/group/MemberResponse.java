package org.plenum.web.group;

import org.jspecify.annotations.Nullable;
import org.plenum.group.api.Membership;
import org.plenum.web.api.Times;

/**
 * One account's relation to a group.
 *
 * @param role null unless an active member
 * @param mutedUntil null unless muted
 */
public record MemberResponse(
    AccountView account,
    String status,
    @Nullable String role,
    @Nullable String mutedUntil,
    String since) {
  /** An account by its id and display name. */
  public record AccountView(long id, String name) {}

  /** The view of a membership. */
  public static MemberResponse of(Membership membership) {
    return new MemberResponse(
        new AccountView(membership.account().id(), membership.account().name()),
        membership.status().name(),
        membership.active() ? membership.role().name() : null,
        Times.textOrNull(membership.mutedUntil()),
        Times.text(membership.since()));
  }
}
