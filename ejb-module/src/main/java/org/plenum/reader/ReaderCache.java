package org.plenum.reader;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import javax.cache.Cache;
import javax.cache.CacheManager;
import org.jspecify.annotations.Nullable;

/**
 * The cache of the room on the data grid (GRP-8): the only class that touches JCache. Keys are
 * texts and values are bytes in our own encoding ({@link RoomCodec}), so no class of the
 * application is ever inside the grid, and versions can be mixed.
 *
 * <ul>
 *   <li>{@code plenum-groups}: group id -> settings, status, owner, count of members, head, first
 *       sequence. Written once per flush for each group with a new entry.
 *   <li>{@code plenum-segments}: {@code <group id>:<index>} -> 64 entries as JSON with an offset
 *       table. The last one of a group is written once per flush; an older one when an edit, a
 *       recall or trimming changes it.
 *   <li>{@code plenum-accounts}: account id -> all its relations to groups. Written once per flush
 *       when one changes or a read position moves.
 *   <li>{@code plenum-reader}: {@code applied} -> the epoch of the applier and the revision that
 *       all of the above have reached under it, 8 bytes each. Written after everything of a flush:
 *       who reads it first and a value next has a value that is at least that new.
 * </ul>
 *
 * Every key but the last has the applier's epoch in front ({@code 7/<group id>}), and the marker is
 * changed by comparing it with what the applier wrote last. An applier that was paused past its
 * lease and wakes up writes under keys that nobody reads any more, and cannot move the marker: that
 * is the fence, since the grid runs no code of ours that could compare epochs. A new applier copies
 * the values of its predecessor, which are current up to the marker. When a divided grid joins
 * again, the smaller half's values are dropped.
 *
 * <p>No entry expires: the applier keeps each one current. Each cache but the last is bounded by
 * {@link ReaderConfig#ENTRIES_PER_CACHE} (least recently used go first) and {@link
 * ReaderConfig#VALUE_BYTES}. Every operation on one key is atomic; none spans two keys, and none
 * needs to, since there is one writer and each value states its own revision. Thread-safe.
 */
final class ReaderCache implements RoomStore {
  private static final String APPLIED = "applied";

  private final CacheManager caching;
  private final int entries;

  /** Caches that are open, by name. */
  private final Map<String, Cache<String, byte[]>> open = new ConcurrentHashMap<>();

  /** What this node wrote into the marker last; it holds the lease as long as it is there. */
  private volatile byte @Nullable [] mine;

  /** Epoch under which this node writes. */
  private volatile long writing;

  /** The highest epoch seen in the marker: where this node reads. */
  private final AtomicLong reading = new AtomicLong();

  private ReaderCache(CacheManager caching, int entries) {
    this.caching = caching;
    this.entries = entries;
  }

  /** The caches, open or made. */
  static ReaderCache opened(CacheManager caching, int entries) {
    ReaderCache cache = later(caching, entries);
    var unused = cache.marker();
    for (RoomKind kind : RoomKind.values()) {
      unused = cache.cache(kind);
    }
    return cache;
  }

  /**
   * The caches, each opened or made when it is first used: every member of the grid has a hand in
   * that, and one that is frozen holds up who asks.
   */
  static ReaderCache later(CacheManager caching, int entries) {
    return new ReaderCache(caching, entries);
  }

  private Cache<String, byte[]> cache(String name) {
    Cache<String, byte[]> cache = open.get(name);
    return cache != null ? cache : open(name);
  }

  private synchronized Cache<String, byte[]> open(String name) {
    try {
      Cache<String, byte[]> cache = caching.getCache(name, String.class, byte[].class);
      if (cache == null) {
        cache = caching.createCache(name, RoomCacheConfiguration.of(name, entries));
      }
      open.put(name, cache);
      return cache;
    } catch (LinkageError e) {
      throw new IllegalStateException("the data grid of this server cannot be used", e);
    }
  }

  private Cache<String, byte[]> cache(RoomKind kind) {
    return cache(
        switch (kind) {
          case GROUP -> "plenum-groups";
          case SEGMENT -> "plenum-segments";
          case ACCOUNT -> "plenum-accounts";
        });
  }

  /** The caches of values. */
  private List<Cache<String, byte[]>> values() {
    return Arrays.stream(RoomKind.values()).map(this::cache).toList();
  }

  private Cache<String, byte[]> marker() {
    return cache("plenum-reader");
  }

  private static String key(long epoch, String key) {
    return epoch + "/" + key;
  }

  private static byte[] marker(long epoch, long revision) {
    return ByteBuffer.allocate(2 * Long.BYTES).putLong(epoch).putLong(revision).array();
  }

  private static long epochOf(byte @Nullable [] value) {
    return value == null || value.length != 2 * Long.BYTES ? 0 : ByteBuffer.wrap(value).getLong();
  }

  private static long revisionOf(byte @Nullable [] value) {
    return value == null || value.length != 2 * Long.BYTES
        ? 0
        : ByteBuffer.wrap(value).getLong(Long.BYTES);
  }

  @Override
  public long take(long epoch) {
    byte[] before = marker().get(APPLIED);
    long old = epochOf(before);
    writing = epoch;
    if (old >= epoch) {
      // Of an earlier life of the database, or of this node.
      mine = null;
      marker().remove(APPLIED);
      reading.set(0);
      values().forEach(Cache::clear);
    } else if (before != null) {
      adopt(old, epoch);
    }
    long revision = old >= epoch ? 0 : revisionOf(before);
    mine = before == null || old >= epoch ? null : before;
    applied(revision);
    if (before != null && old < epoch) {
      for (Cache<String, byte[]> cache : values()) {
        cache.removeAll(keys(cache, old));
      }
    }
    return revision;
  }

  private void adopt(long old, long epoch) {
    String prefix = key(old, "");
    for (Cache<String, byte[]> cache : values()) {
      GridEntries.forEach(
          cache,
          (key, value) -> {
            if (key.startsWith(prefix)) {
              cache.put(key(epoch, key.substring(prefix.length())), value);
            }
            return true;
          });
    }
  }

  private static Set<String> keys(Cache<String, byte[]> cache, long epoch) {
    String prefix = key(epoch, "");
    Set<String> keys = new HashSet<>();
    GridEntries.forEach(
        cache,
        (key, value) -> {
          if (key.startsWith(prefix)) {
            keys.add(key);
          }
          return true;
        });
    return keys;
  }

  @Override
  public byte @Nullable [] get(RoomKind kind, String key) {
    return cache(kind).get(key(reading.get(), key));
  }

  @Override
  public void put(RoomKind kind, String key, byte[] value) {
    cache(kind).put(key(writing, key), value);
  }

  @Override
  public void remove(RoomKind kind, String key) {
    cache(kind).remove(key(writing, key));
  }

  @Override
  public void distrust() {
    byte[] present = marker().get(APPLIED);
    while (present != null
        && revisionOf(present) != 0
        && !marker().replace(APPLIED, present, marker(epochOf(present), 0))) {
      present = marker().get(APPLIED);
    }
  }

  @Override
  public void clear() {
    // The marker first: nobody may take what is left for current.
    byte[] present = marker().get(APPLIED);
    if (epochOf(present) > writing) {
      throw overtaken(present);
    }
    if (present != null) {
      byte[] none = marker(writing, 0);
      if (!marker().replace(APPLIED, present, none)) {
        throw overtaken(marker().get(APPLIED));
      }
      mine = none;
    } else {
      mine = null;
    }
    values().forEach(Cache::clear);
  }

  @Override
  public void forEach(RoomKind kind, BiConsumer<String, byte[]> action) {
    String prefix = key(reading.get(), "");
    GridEntries.forEach(
        cache(kind),
        (key, value) -> {
          if (key.startsWith(prefix)) {
            action.accept(key.substring(prefix.length()), value);
          }
          return true;
        });
  }

  @Override
  public List<String> keys(RoomKind kind, int most) {
    String prefix = key(reading.get(), "");
    List<String> keys = new ArrayList<>();
    GridEntries.forEach(
        cache(kind),
        (key, value) -> {
          if (key.startsWith(prefix) && keys.size() < most) {
            keys.add(key.substring(prefix.length()));
          }
          return keys.size() < most;
        });
    return keys;
  }

  @Override
  public long applied() {
    byte[] value = marker().get(APPLIED);
    reading.accumulateAndGet(epochOf(value), Math::max);
    return epochOf(value) == reading.get() ? revisionOf(value) : 0;
  }

  @Override
  public void applied(long revision) {
    byte[] last = mine;
    byte[] next = marker(writing, revision);
    boolean written =
        last == null ? marker().putIfAbsent(APPLIED, next) : marker().replace(APPLIED, last, next);
    if (!written) {
      throw overtaken(marker().get(APPLIED));
    }
    mine = next;
    reading.accumulateAndGet(writing, Math::max);
  }

  private IllegalStateException overtaken(byte @Nullable [] present) {
    return new IllegalStateException(
        "the cache of the room is written under epoch "
            + epochOf(present)
            + ", this node's is "
            + writing);
  }
}
