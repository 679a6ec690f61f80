package org.plenum.account;

import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import jakarta.inject.Inject;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plenum.account.api.Account;
import org.plenum.account.api.AccountService;
import org.plenum.group.api.Page;

/**
 * Shell of {@link Accounts}. It suspends the caller's transaction: hashing a password takes longer
 * than a connection may be held, and a cached account needs none; the repository opens its own.
 */
@Stateless
@TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
public class AccountServiceBean implements AccountService {
  @Inject private Accounts accounts;

  @Override
  public Optional<Account> byName(String name) {
    return accounts.byName(name);
  }

  @Override
  public Optional<Account> byId(long id) {
    return accounts.byId(id);
  }

  @Override
  public Map<Long, Account> byIds(Collection<Long> ids) {
    return accounts.byIds(ids);
  }

  @Override
  public Page<Account> search(String text, @Nullable String cursor, int limit) {
    return accounts.search(text, cursor, limit);
  }

  @Override
  public Account create(String name, String displayName, boolean admin, @Nullable String password) {
    return accounts.create(name, displayName, admin, password);
  }

  @Override
  public Account ofSubject(String subject, String displayName, boolean admin) {
    return accounts.ofSubject(subject, displayName, admin);
  }

  @Override
  public Optional<Account> authenticate(String name, String password) {
    return accounts.authenticate(name, password);
  }

  @Override
  public void setPassword(long id, String password) {
    accounts.setPassword(id, password);
  }

  @Override
  public void setDisabled(long id, boolean disabled) {
    accounts.setDisabled(id, disabled);
  }

  @Override
  public void refresh(long id) {
    accounts.refresh(id);
  }
}
