package org.plenum.account.api;

import java.time.Instant;
import org.plenum.group.api.Actor;

/**
 * A person or program that signs in.
 *
 * @param name unique, the subject of its tokens
 * @param admin whether it administers the platform
 */
public record Account(
    long id, String name, String displayName, boolean admin, boolean disabled, Instant createdAt) {
  /** The account as it acts in groups. */
  public Actor actor() {
    return new Actor(id, displayName);
  }

  /** The same account with another say over the platform. */
  public Account withAdmin(boolean other) {
    return other == admin ? this : new Account(id, name, displayName, other, disabled, createdAt);
  }
}
