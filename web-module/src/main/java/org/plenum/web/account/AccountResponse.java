package org.plenum.web.account;

import org.plenum.account.api.Account;

/** An account as others see it. */
public record AccountResponse(
    long id, String name, String displayName, boolean admin, boolean disabled) {
  /** The view of an account. */
  public static AccountResponse of(Account account) {
    return new AccountResponse(
        account.id(), account.name(), account.displayName(), account.admin(), account.disabled());
  }
}
