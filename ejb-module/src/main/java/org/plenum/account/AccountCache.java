package org.plenum.account;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.CacheLoader;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import com.github.benmanes.caffeine.cache.Ticker;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.account.api.Account;

/**
 * Accounts that this node has seen, by id and by name. An entry older than the refresh time is
 * served once more while it is read again in the background; one older than twice that time is read
 * again first. While the database is away an entry goes on serving. Bounded; thread-safe. A miss
 * blocks for the database.
 */
final class AccountCache {
  private static final Logger LOG = Logger.getLogger(AccountCache.class.getName());

  private final AccountRepository repository;
  private final LoadingCache<Long, Seen> byId;
  private final Cache<String, Long> ids;

  private final Loader loader;
  private final Ticker ticker;
  private final long oldest;

  /** An account with the time at which it was read. */
  private record Seen(Account account, long at) {}

  AccountCache(AccountRepository repository, AccountConfig config, Executor executor) {
    this(repository, config, executor, Ticker.systemTicker());
  }

  AccountCache(
      AccountRepository repository, AccountConfig config, Executor executor, Ticker ticker) {
    this.repository = repository;
    this.loader = new Loader(repository, ticker);
    this.ticker = ticker;
    this.oldest = config.cacheRefresh().multipliedBy(2).toNanos();
    this.byId =
        Caffeine.newBuilder()
            .maximumSize(config.cacheSize())
            .refreshAfterWrite(config.cacheRefresh())
            .executor(executor)
            .ticker(ticker)
            .build(loader);
    this.ids = Caffeine.newBuilder().maximumSize(config.cacheSize()).build();
  }

  Optional<Account> byId(long id) {
    Seen seen = byId.get(id);
    if (seen != null && ticker.read() - seen.at() > oldest) {
      seen = byId.asMap().computeIfPresent(id, this::younger);
    }
    return Optional.ofNullable(seen).map(Seen::account);
  }

  @SuppressWarnings("NullAway") // null says that the entry is to be forgotten
  private @Nullable Seen younger(Long id, Seen seen) {
    return ticker.read() - seen.at() > oldest ? loader.reload(id, seen) : seen;
  }

  /**
   * Reads an account again whatever is remembered. Under the lock that {@link #put} takes: what is
   * put after a change is not replaced by what was read before it.
   */
  @SuppressWarnings("NullAway") // null says that there is nothing to remember
  Optional<Account> readAgain(long id) {
    return Optional.ofNullable(byId.asMap().compute(id, (key, old) -> loader.load(key)))
        .map(Seen::account);
  }

  /** What is remembered under this id, without asking the database. */
  Optional<Account> remembered(long id) {
    return Optional.ofNullable(byId.getIfPresent(id)).map(Seen::account);
  }

  /**
   * The account with this name in lower case. What the name meant counts only as long as the id is
   * theirs: a database that went back to an earlier history (a replica promoted that had not
   * everything) gives it to somebody else.
   */
  Optional<Account> byName(String name) {
    Long id = ids.getIfPresent(name);
    if (id != null) {
      Optional<Account> known = byId(id).filter(account -> account.name().equals(name));
      if (known.isPresent()) {
        return known;
      }
      ids.invalidate(name);
    }
    Optional<Account> found = repository.byName(name).map(AccountRepository.Stored::account);
    found.ifPresent(this::putIfAbsent);
    return found;
  }

  /** Takes over what was just written. */
  void put(Account account) {
    byId.put(account.id(), new Seen(account, ticker.read()));
    ids.put(account.name(), account.id());
  }

  /** Takes over what was just read, unless that account is there: it may be newer. */
  void putIfAbsent(Account account) {
    byId.asMap()
        .merge(
            account.id(),
            new Seen(account, ticker.read()),
            (old, read) -> old.account().name().equals(account.name()) ? old : read);
    ids.put(account.name(), account.id());
  }

  /** Everything is read again. */
  void clear() {
    byId.invalidateAll();
    ids.invalidateAll();
  }

  /** The next one who asks gets it from the database. */
  void forget(long id) {
    byId.invalidate(id);
  }

  private record Loader(AccountRepository repository, Ticker ticker)
      implements CacheLoader<Long, Seen> {
    @Override
    @SuppressWarnings("NullAway") // null says that there is nothing to remember
    public @Nullable Seen load(Long id) {
      long at = ticker.read();
      return repository.byId(id).map(account -> new Seen(account, at)).orElse(null);
    }

    /** A failed refresh keeps the old value for another refresh time. */
    @Override
    @SuppressWarnings("NullAway") // null says that the entry is to be forgotten
    public @Nullable Seen reload(Long id, Seen old) {
      try {
        return load(id);
      } catch (RuntimeException e) {
        LOG.log(Level.FINE, "an account could not be read again", e);
        return new Seen(old.account(), ticker.read());
      }
    }
  }
}
