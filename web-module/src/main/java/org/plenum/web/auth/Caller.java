package org.plenum.web.auth;

import java.time.Instant;
import org.plenum.account.api.Account;

/**
 * Somebody whose token was verified.
 *
 * @param account the account as it is known now, not as the token described it
 * @param expiresAt from this instant on the token is refused: a long-lived connection ends then
 */
public record Caller(Account account, Instant expiresAt) {}
