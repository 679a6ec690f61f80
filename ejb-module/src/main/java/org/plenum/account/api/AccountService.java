package org.plenum.account.api;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.Page;

/**
 * Accounts and the embedded realm. Look-ups are cached and thread-safe; may block for the database.
 */
public interface AccountService {
  /** The account with this name. */
  Optional<Account> byName(String name);

  /** The account with this id. */
  Optional<Account> byId(long id);

  /** The accounts with these ids; unknown ones are missing. At most 1,000. */
  Map<Long, Account> byIds(Collection<Long> ids);

  /** Accounts whose name or display name starts with the text, ignoring case. */
  Page<Account> search(String text, @Nullable String cursor, int limit);

  /** Creates an account; a null password means that it signs in elsewhere only. */
  Account create(String name, String displayName, boolean admin, @Nullable String password);

  /** The account of an external token's subject, made at first sight when configuration allows. */
  Account ofSubject(String subject, String displayName, boolean admin);

  /**
   * The account, when the password is right and the account not disabled; takes the same time
   * either way.
   */
  Optional<Account> authenticate(String name, String password);

  /** Sets a new password and revokes the tokens of all sign-ins so far. */
  void setPassword(long id, String password);

  /** Disables or enables an account. */
  void setDisabled(long id, boolean disabled);

  /** What this node remembers of the account is read again: another node changed it. */
  void refresh(long id);
}
