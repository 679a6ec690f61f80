package org.plenum.account;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.CacheLoader;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.account.api.Account;

/**
 * Accounts that this node has seen, by id and by name. An entry older than the refresh time is
 * served once more while it is read again in the background; while the database is away it goes on
 * serving. Bounded; thread-safe. A miss blocks for the database.
 */
final class AccountCache {
  private static final Logger LOG = Logger.getLogger(AccountCache.class.getName());

  private final AccountRepository repository;
  private final LoadingCache<Long, Account> byId;
  private final Cache<String, Long> ids;

  AccountCache(AccountRepository repository, AccountConfig config, Executor executor) {
    this.repository = repository;
    this.byId =
        Caffeine.newBuilder()
            .maximumSize(config.cacheSize())
            .refreshAfterWrite(config.cacheRefresh())
            .executor(executor)
            .build(new Loader(repository));
    this.ids = Caffeine.newBuilder().maximumSize(config.cacheSize()).build();
  }

  Optional<Account> byId(long id) {
    return Optional.ofNullable(byId.get(id));
  }

  /** What is remembered under this id, without asking the database. */
  Optional<Account> remembered(long id) {
    return Optional.ofNullable(byId.getIfPresent(id));
  }

  /** The account with this name in lower case. */
  Optional<Account> byName(String name) {
    Long id = ids.getIfPresent(name);
    if (id != null) {
      return byId(id);
    }
    Optional<Account> found = repository.byName(name).map(AccountRepository.Stored::account);
    found.ifPresent(this::put);
    return found;
  }

  /** Takes over what was just read or written. */
  void put(Account account) {
    byId.put(account.id(), account);
    ids.put(account.name(), account.id());
  }

  private record Loader(AccountRepository repository) implements CacheLoader<Long, Account> {
    @Override
    @SuppressWarnings("NullAway") // null says that there is nothing to remember
    public @Nullable Account load(Long id) {
      return repository.byId(id).orElse(null);
    }

    /** A failed refresh keeps the old value for another refresh time. */
    @Override
    @SuppressWarnings("NullAway") // null says that the entry is to be forgotten
    public @Nullable Account reload(Long id, Account old) {
      try {
        return load(id);
      } catch (RuntimeException e) {
        LOG.log(Level.FINE, "an account could not be read again", e);
        return old;
      }
    }
  }
}
