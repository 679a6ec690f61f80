package org.plenum.account;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plenum.account.api.Account;

/**
 * Where accounts are kept. Names are given in lower case. Each method is one transaction;
 * thread-safe.
 */
interface AccountRepository {
  /** An account with the hash of its password, null when it has none. */
  record Stored(Account account, @Nullable String passwordHash) {}

  Optional<Account> byId(long id);

  List<Account> byIds(Collection<Long> ids);

  Optional<Stored> byName(String name);

  /**
   * Accounts after this name, in order of their names, whose name or display name has the prefix.
   */
  List<Account> search(String prefix, String afterName, int limit);

  /** Whether anybody administers the platform. */
  boolean anyAdmin();

  /**
   * Adds an account.
   *
   * @throws org.plenum.platform.ServiceException ACCOUNT_NAME_TAKEN
   */
  Account insert(
      String name, String displayName, boolean admin, @Nullable String passwordHash, Instant now);

  /** Sets another hash of the same password; false when the account has not this one any more. */
  boolean replacePasswordHash(long id, String old, String hash);

  /** Sets the hash of a new password and revokes earlier tokens; the account as it then is. */
  Optional<Account> setPassword(long id, String hash, Instant tokensValidFrom);

  /** Disables or enables; the account as it then is. */
  Optional<Account> setDisabled(long id, boolean disabled);
}
