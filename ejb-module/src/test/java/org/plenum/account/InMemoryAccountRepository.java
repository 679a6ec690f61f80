package org.plenum.account;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.plenum.account.api.Account;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/** Accounts in memory, with a switch that takes the database away. */
final class InMemoryAccountRepository implements AccountRepository {
  private final TreeMap<String, Stored> byName = new TreeMap<>();
  final AtomicInteger reads = new AtomicInteger();
  volatile boolean away;

  /** Runs once after the next look at a name, as if another request came in between. */
  final AtomicReference<@Nullable Runnable> afterByName = new AtomicReference<>();

  Runnable beforeReplace = () -> {};

  @Override
  public synchronized Optional<Account> byId(long id) {
    read();
    return stored(id).map(Stored::account);
  }

  @Override
  public synchronized List<Account> byIds(Collection<Long> ids) {
    read();
    return byName.values().stream()
        .map(Stored::account)
        .filter(account -> ids.contains(account.id()))
        .toList();
  }

  @Override
  public synchronized Optional<Stored> byName(String name) {
    read();
    Optional<Stored> found = Optional.ofNullable(byName.get(name));
    Runnable other = afterByName.getAndSet(null);
    if (other != null) {
      other.run();
    }
    return found;
  }

  @Override
  public synchronized List<Account> search(String prefix, String afterName, int limit) {
    read();
    return byName.tailMap(afterName, false).values().stream()
        .map(Stored::account)
        .filter(account -> account.name().startsWith(prefix))
        .limit(limit)
        .toList();
  }

  @Override
  public synchronized boolean anyAdmin() {
    return byName.values().stream().anyMatch(stored -> stored.account().admin());
  }

  @Override
  public synchronized Account insert(
      String name, String displayName, boolean admin, @Nullable String hash, Instant now) {
    if (byName.containsKey(name)) {
      throw new ServiceException(ErrorCode.ACCOUNT_NAME_TAKEN, "another account has this name");
    }
    Account account = new Account(byName.size() * 2L + 1, name, displayName, admin, false, now);
    byName.put(name, new Stored(account, hash));
    return account;
  }

  @Override
  public synchronized boolean replacePasswordHash(long id, String old, String hash) {
    beforeReplace.run();
    Optional<Stored> found = stored(id).filter(each -> old.equals(each.passwordHash()));
    found.ifPresent(
        stored -> byName.put(stored.account().name(), new Stored(stored.account(), hash)));
    return found.isPresent();
  }

  @Override
  public synchronized Optional<Account> setPassword(long id, String hash, Instant from) {
    return stored(id)
        .map(
            stored -> {
              Account changed = stored.account().withTokensValidFrom(from);
              byName.put(changed.name(), new Stored(changed, hash));
              return changed;
            });
  }

  @Override
  public synchronized Optional<Account> setDisabled(long id, boolean disabled) {
    return stored(id)
        .map(
            stored -> {
              Account changed = stored.account().withDisabled(disabled);
              byName.put(changed.name(), new Stored(changed, stored.passwordHash()));
              return changed;
            });
  }

  /** The database goes back to a history in which this account alone exists. */
  synchronized void becomes(Account account) {
    byName.clear();
    byName.put(account.name(), new Stored(account, null));
  }

  private Optional<Stored> stored(long id) {
    return byName.values().stream().filter(stored -> stored.account().id() == id).findFirst();
  }

  private void read() {
    reads.incrementAndGet();
    if (away) {
      throw new IllegalStateException("the database is away");
    }
  }
}
