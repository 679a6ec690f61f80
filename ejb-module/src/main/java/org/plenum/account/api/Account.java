package org.plenum.account.api;

import java.time.Instant;
import org.plenum.group.api.Actor;

/**
 * A person or program that signs in.
 *
 * @param name unique, the subject of its tokens
 * @param admin whether it administers the platform
 * @param tokensValidFrom tokens of sign-ins before this instant, a whole second, are refused; the
 *     epoch when none were ever revoked
 */
public record Account(
    long id,
    String name,
    String displayName,
    boolean admin,
    boolean disabled,
    Instant createdAt,
    Instant tokensValidFrom) {
  /** An account of which no token was revoked. */
  public Account(
      long id,
      String name,
      String displayName,
      boolean admin,
      boolean disabled,
      Instant createdAt) {
    this(id, name, displayName, admin, disabled, createdAt, Instant.EPOCH);
  }

  /** The account as it acts in groups. */
  public Actor actor() {
    return new Actor(id, displayName);
  }

  /** The same account with another say over the platform. */
  public Account withAdmin(boolean other) {
    return other == admin
        ? this
        : new Account(id, name, displayName, other, disabled, createdAt, tokensValidFrom);
  }

  /** The same account, in or out of use. */
  public Account withDisabled(boolean other) {
    return new Account(id, name, displayName, admin, other, createdAt, tokensValidFrom);
  }

  /** The same account with its earlier tokens revoked. */
  public Account withTokensValidFrom(Instant from) {
    return new Account(id, name, displayName, admin, disabled, createdAt, from);
  }
}
