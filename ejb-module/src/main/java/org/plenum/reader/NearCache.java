package org.plenum.reader;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupId;
import org.plenum.platform.ServiceException;
import org.plenum.update.Update;
import org.plenum.update.UpdateListener;

/**
 * The node's own bounded replica of what it is serving (decision 6), kept current by the update
 * stream: what is here contains every update up to {@link #applied()}, always.
 *
 * <p>Reads of what is here take no lock. Updates, and the insertion of a loaded value, take one
 * lock for a short time and never block under it. A load races with updates: the value is exact as
 * of some revision, which may be behind or ahead of what is applied when it arrives. Behind: the
 * recent updates are replayed on it under the lock; when they do not reach back far enough it is
 * loaded again, and after {@value #ATTEMPTS} times used once without being kept. Ahead: updates
 * that it contains are skipped later. So nothing is lost and nothing is applied twice. Concurrent
 * loads of one key are one load.
 *
 * <p>Bound: bytes, by {@link ReaderConfig#NEAR_CACHE}: three quarters for segments, an eighth for
 * accounts, an eighth for groups. Thread-safe.
 */
final class NearCache implements UpdateListener {
  private static final int ATTEMPTS = 3;
  private static final int APPENDS_PER_WEIGHING = 16;

  /**
   * Loads a value.
   *
   * @param <K> its key
   * @param <V> the value
   */
  @FunctionalInterface
  interface Loader<K, V extends CachedValue> {
    /**
     * The value as of its revision, or null when there is none. May block.
     *
     * @param fromTruth whether only the database may be asked, since a replica was too far behind
     */
    @Nullable V load(K key, boolean fromTruth);
  }

  private final Object applying = new Object();
  private final Cache<GroupId, GroupReplica> groups;
  private final Cache<SegmentKey, Segment> segments;
  private final Cache<Long, AccountReplica> accounts;
  private final ConcurrentMap<Object, CompletableFuture<@Nullable CachedValue>> loads =
      new ConcurrentHashMap<>();
  private final RecentUpdates recent;
  private final ReaderMeters meters;
  private final Consumer<CachedValue> kept;
  private volatile long applied;

  /** See {@link #visible()}. */
  private volatile long visible;

  private boolean started;

  /** How often the database lost updates. */
  private volatile int history;

  /**
   * An empty cache.
   *
   * @param kept told of every loaded value that was taken in; must not block
   */
  NearCache(ReaderConfig config, ReaderMeters meters, Consumer<CachedValue> kept) {
    this.meters = meters;
    this.kept = kept;
    this.recent = new RecentUpdates(config.recentUpdates(), config.recentBytes());
    long bytes = config.nearCacheBytes();
    groups = bounded(bytes / 8);
    accounts = bounded(bytes / 8);
    segments = bounded(bytes / 4 * 3);
  }

  private static <K, V extends CachedValue> Cache<K, V> bounded(long bytes) {
    return Caffeine.newBuilder()
        .maximumWeight(bytes)
        .weigher((K key, V value) -> value.weight())
        .executor(Runnable::run)
        .build();
  }

  /** Says which revision the subscription answered: updates after it are going to come. */
  void startAt(long revision) {
    synchronized (applying) {
      if (!started) {
        restart(revision);
      }
    }
  }

  /** The last revision applied to all that is here. */
  long applied() {
    return applied;
  }

  /**
   * The last revision of which something may be seen here, but in values that were loaded ahead and
   * say so. It is ahead of {@link #applied()} while an update is applied, and while updates that
   * were read late are, since they are as later ones left them.
   */
  long visible() {
    return visible;
  }

  /**
   * Waits until a revision is applied.
   *
   * @return whether it is
   */
  boolean awaitApplied(long revision, long millis) {
    if (applied >= revision) {
      return true;
    }
    long deadline = System.nanoTime() + millis * 1_000_000;
    synchronized (applying) {
      try {
        for (long left = millis;
            applied < revision && left > 0;
            left = (deadline - System.nanoTime() + 999_999) / 1_000_000) {
          applying.wait(left);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return applied >= revision;
    }
  }

  @Override
  public void onUpdates(List<Update> updates) {
    synchronized (applying) {
      long first = updates.getFirst().revision();
      if (!started || first > applied + 1) {
        // The log no longer holds what is missing: nothing here can follow.
        restart(first - 1);
      }
      for (Update update : updates) {
        if (update.revision() == applied + 1) {
          visible = Math.max(visible, update.revision());
          apply(update);
          recent.add(update);
          applied = update.revision();
        }
      }
      applying.notifyAll();
    }
  }

  @Override
  public void onLateReading(long revision) {
    synchronized (applying) {
      visible = Math.max(visible, revision);
    }
  }

  /**
   * What is here rests on updates that the database lost. Loads that are under way may as well, so
   * they are not kept.
   */
  @Override
  public void onAnotherHistory(long revision) {
    synchronized (applying) {
      history++;
      restart(revision);
      applying.notifyAll();
    }
  }

  private void restart(long revision) {
    groups.invalidateAll();
    segments.invalidateAll();
    accounts.invalidateAll();
    recent.restart(revision);
    visible = revision;
    applied = revision;
    started = true;
  }

  private void apply(Update update) {
    if (update.seq() > 0) {
      // Segments first: a reader that sees the new head finds the entry.
      applyToSegments(update);
      applyToGroup(update);
    }
    for (Long account : AccountReplica.concerned(update)) {
      AccountReplica replica = accounts.getIfPresent(account);
      if (replica != null) {
        int weight = replica.weight();
        if (!follow(accounts, account, replica, update)) {
          continue;
        }
        if (replica.weight() != weight) {
          accounts.put(account, replica);
        }
      }
    }
  }

  private void applyToGroup(Update update) {
    GroupReplica replica = groups.getIfPresent(update.group());
    if (replica != null) {
      follow(groups, update.group(), replica, update);
    } else if (update.kind() == EntryKind.GROUP_CREATED && update.json().length > 0) {
      groups.put(update.group(), GroupReplica.createdBy(update));
    }
  }

  private void applyToSegments(Update update) {
    SegmentKey own = SegmentKey.of(update.group(), update.seq());
    Segment tail = segments.getIfPresent(own);
    if (tail != null) {
      boolean follows = follow(segments, own, tail, update);
      if (follows && (update.seq() - own.first()) % APPENDS_PER_WEIGHING == 0) {
        segments.put(own, tail);
      }
    } else if (update.seq() == own.first() && update.json().length > 0) {
      segments.put(own, Segment.startingWith(update));
    }
    switch (update.kind()) {
      case MESSAGE_EDITED -> amend(SegmentKey.of(update.group(), update.target()), own, update);
      case MESSAGE_RECALLED -> {
        // The edits of the message may be anywhere after it.
        for (long index = (update.target() - 1) / SegmentKey.ENTRIES;
            index < own.index();
            index++) {
          amend(new SegmentKey(update.group(), index), own, update);
        }
      }
      case HISTORY_TRIMMED ->
          segments.asMap().values().stream()
              .filter(segment -> segment.key().group().equals(update.group()))
              .filter(segment -> segment.key().first() <= update.target())
              .toList()
              .forEach(segment -> amend(segment.key(), own, update));
      default -> {
        // Nothing older changes.
      }
    }
  }

  private void amend(SegmentKey key, SegmentKey own, Update update) {
    if (key.equals(own)) {
      return;
    }
    Segment segment = segments.getIfPresent(key);
    if (segment != null && follow(segments, key, segment, update)) {
      segments.put(key, segment);
    }
  }

  private static <K, V extends CachedValue> boolean follow(
      Cache<K, V> cache, K key, V value, Update update) {
    if (update.revision() <= value.revision()) {
      return true;
    }
    if (applies(value, update)) {
      return true;
    }
    cache.invalidate(key);
    return false;
  }

  private static boolean applies(CachedValue value, Update update) {
    try {
      return value.apply(update);
    } catch (RuntimeException e) {
      // Content that cannot be followed is loaded again; the truth is in the database.
      return false;
    }
  }

  /** The group if it is here. */
  @Nullable GroupReplica groupIfPresent(GroupId id) {
    return groups.getIfPresent(id);
  }

  /** The segment if it is here. */
  @Nullable Segment segmentIfPresent(SegmentKey key) {
    return segments.getIfPresent(key);
  }

  /** The account if it is here. */
  @Nullable AccountReplica accountIfPresent(long account) {
    return accounts.getIfPresent(account);
  }

  /** The group, loaded on a miss; null when there is none. */
  @Nullable GroupReplica group(GroupId id, Loader<GroupId, GroupReplica> loader) {
    return get(groups, id, loader);
  }

  /** The segment, loaded on a miss; null when nothing of it is kept. */
  @Nullable Segment segment(SegmentKey key, Loader<SegmentKey, Segment> loader) {
    return get(segments, key, loader);
  }

  /** The account's relations, loaded on a miss. */
  @Nullable AccountReplica account(long account, Loader<Long, AccountReplica> loader) {
    return get(accounts, account, loader);
  }

  /**
   * Takes in groups that were loaded together.
   *
   * @param of the history before they were loaded
   * @return what is current for each: the one already here, the loaded one, or null when it is too
   *     far behind to be kept
   */
  @Nullable GroupReplica keepGroup(GroupReplica loaded, int of) {
    return keep(groups, loaded.state().id(), loaded, of);
  }

  /** Which history of the database this is; changes when the database loses updates. */
  int history() {
    return history;
  }

  /** Drops a segment that was found incomplete. */
  void dropSegment(SegmentKey key) {
    synchronized (applying) {
      segments.invalidate(key);
    }
  }

  /**
   * What an action sees of the values here while no update is applied; it is given the applied
   * revision and must not block.
   */
  <T> T atRest(LongFunction<T> action) {
    synchronized (applying) {
      return action.apply(applied);
    }
  }

  private <K, V extends CachedValue> @Nullable V get(
      Cache<K, V> cache, K key, Loader<K, V> loader) {
    V present = cache.getIfPresent(key);
    if (present != null) {
      meters.nearHits().increment();
      return present;
    }
    meters.nearMisses().increment();
    return load(cache, key, loader);
  }

  private <K, V extends CachedValue> @Nullable V load(
      Cache<K, V> cache, K key, Loader<K, V> loader) {
    CompletableFuture<@Nullable CachedValue> mine = new CompletableFuture<>();
    CompletableFuture<@Nullable CachedValue> other = loads.putIfAbsent(key, mine);
    if (other != null) {
      awaitLoad(other);
      V present = cache.getIfPresent(key);
      // A value that the other load could not keep may miss what this caller has seen.
      return present != null ? present : loadAndKeep(cache, key, loader);
    }
    try {
      V value = loadAndKeep(cache, key, loader);
      mine.complete(value);
      return value;
    } catch (RuntimeException | Error e) {
      mine.completeExceptionally(e);
      throw e;
    } finally {
      loads.remove(key, mine);
    }
  }

  private static void awaitLoad(CompletableFuture<@Nullable CachedValue> other) {
    try {
      other.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof ServiceException fault) {
        throw new ServiceException(fault.code(), fault.detail(), fault.retryAfter(), fault);
      }
      throw e;
    }
  }

  private <K, V extends CachedValue> @Nullable V loadAndKeep(
      Cache<K, V> cache, K key, Loader<K, V> loader) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int of = history;
      V loaded = loader.load(key, attempt > 0);
      if (loaded == null) {
        return cache.getIfPresent(key);
      }
      V current = keep(cache, key, loaded, of);
      if (current != null) {
        return current;
      }
      meters.lostLoads().increment();
    }
    return loader.load(key, true);
  }

  private <K, V extends CachedValue> @Nullable V keep(Cache<K, V> cache, K key, V loaded, int of) {
    V current = insert(cache, key, loaded, of);
    if (current == loaded) {
      kept.accept(loaded);
    }
    return current;
  }

  private <K, V extends CachedValue> @Nullable V insert(
      Cache<K, V> cache, K key, V loaded, int of) {
    synchronized (applying) {
      if (of != history) {
        return null;
      }
      V present = cache.getIfPresent(key);
      if (present != null) {
        return present;
      }
      if (!bringUp(loaded)) {
        return null;
      }
      cache.put(key, loaded);
      return loaded;
    }
  }

  /** Replays on a value what it lacks; false when that is no longer here, or cannot be followed. */
  private boolean bringUp(CachedValue loaded) {
    if (!recent.reachesBackTo(loaded.revision())) {
      return false;
    }
    boolean[] follows = {true};
    recent.forEachAfter(
        loaded.revision(),
        update -> {
          if (follows[0] && update.revision() > loaded.revision()) {
            follows[0] = applies(loaded, update);
          }
        });
    return follows[0];
  }

  /**
   * What an action sees while no update is applied and these values, which belong to the caller
   * alone, are as new as those here; it must not block. Null when one of them is ahead of what is
   * here, or cannot be brought up.
   */
  <T> @Nullable T broughtUp(List<? extends CachedValue> loaded, Supplier<T> action) {
    synchronized (applying) {
      for (CachedValue value : loaded) {
        if (value.revision() > applied || !bringUp(value)) {
          return null;
        }
      }
      return action.get();
    }
  }

  /** The last updates of the window by which loaded values are brought up, at most so many. */
  List<Update> recent(int most) {
    synchronized (applying) {
      return recent.newest(most);
    }
  }

  /** Bytes in use, roughly. */
  long bytes() {
    return weight(groups) + weight(segments) + weight(accounts);
  }

  private static long weight(Cache<?, ?> cache) {
    return cache.policy().eviction().map(e -> e.weightedSize().orElse(0)).orElse(0L);
  }

  /** Groups here, for the consistency report. */
  List<GroupReplica> groups() {
    return List.copyOf(groups.asMap().values());
  }

  /** Segments here, for the consistency report. */
  List<Segment> segments() {
    return List.copyOf(segments.asMap().values());
  }

  /** Accounts here, for the consistency report. */
  List<AccountReplica> accounts() {
    return List.copyOf(accounts.asMap().values());
  }
}
