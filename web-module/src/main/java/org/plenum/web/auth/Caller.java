package org.plenum.web.auth;

import java.time.Instant;
import org.plenum.account.api.Account;

/**
 * Somebody whose token was verified.
 *
 * @param account the account as it is known now, not as the token described it; except that a token
 *     of an external realm alone says whether it administers the platform
 * @param expiresAt from this instant on the token is refused: a long-lived connection ends then
 * @param signedInAt when credentials were last asked for, through all refreshes since
 */
public record Caller(Account account, Instant expiresAt, Instant signedInAt) {
  /**
   * Whether the token of this caller was revoked, by a change of the password.
   *
   * @param now the account as it is now
   */
  public boolean revoked(Account now) {
    return signedInAt.isBefore(now.tokensValidFrom());
  }
}
