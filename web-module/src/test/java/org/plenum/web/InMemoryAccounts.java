package org.plenum.web;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.plenum.account.api.Account;
import org.plenum.account.api.AccountService;
import org.plenum.group.api.Page;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/** Accounts in memory; passwords are kept as they are. */
public final class InMemoryAccounts implements AccountService {
  private final Map<Long, Account> byId = new ConcurrentHashMap<>();
  private final Map<Long, String> passwords = new ConcurrentHashMap<>();

  @Override
  public Optional<Account> byName(String name) {
    String wanted = name.toLowerCase(Locale.ROOT);
    return byId.values().stream().filter(account -> account.name().equals(wanted)).findAny();
  }

  @Override
  public Optional<Account> byId(long id) {
    return Optional.ofNullable(byId.get(id));
  }

  @Override
  public Map<Long, Account> byIds(Collection<Long> ids) {
    return byId.values().stream()
        .filter(account -> ids.contains(account.id()))
        .collect(Collectors.toMap(Account::id, account -> account));
  }

  @Override
  public Page<Account> search(String text, @Nullable String cursor, int limit) {
    List<Account> found =
        new TreeMap<>(byId)
            .values().stream()
                .filter(account -> account.name().startsWith(text.toLowerCase(Locale.ROOT)))
                .limit(limit)
                .toList();
    return new Page<>(found, null);
  }

  @Override
  public synchronized Account create(
      String name, String displayName, boolean admin, @Nullable String password) {
    if (byName(name).isPresent()) {
      throw new ServiceException(ErrorCode.ACCOUNT_NAME_TAKEN, "the name is taken");
    }
    long id = byId.size() * 2L + 1;
    Account account =
        new Account(id, name.toLowerCase(Locale.ROOT), displayName, admin, false, Instant.EPOCH);
    byId.put(id, account);
    if (password != null) {
      passwords.put(id, password);
    }
    return account;
  }

  @Override
  public synchronized Account ofSubject(String subject, String displayName, boolean admin) {
    return byName(subject).orElseGet(() -> create(subject, displayName, admin, null));
  }

  @Override
  public Optional<Account> authenticate(String name, String password) {
    return byName(name)
        .filter(account -> !account.disabled())
        .filter(account -> password.equals(passwords.get(account.id())));
  }

  @Override
  public void setPassword(long id, String password) {
    passwords.put(id, password);
  }

  /** Takes an account as it is. */
  public synchronized void put(Account account) {
    byId.put(account.id(), account);
  }

  /** What a change of the password does to the account. */
  public synchronized void revokeTokens(long id, Instant from) {
    byId.computeIfPresent(id, (key, account) -> account.withTokensValidFrom(from));
  }

  @Override
  public void setDisabled(long id, boolean disabled) {
    byId.computeIfPresent(id, (key, account) -> account.withDisabled(disabled));
  }

  @Override
  public void refresh(long id) {}
}
