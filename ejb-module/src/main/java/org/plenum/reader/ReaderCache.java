package org.plenum.reader;

import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
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
 *   <li>{@code plenum-reader}: {@code applied} -> the revision that all of the above have reached.
 *       Written after everything of a flush: who reads it first and a value next has a value that
 *       is at least that new.
 * </ul>
 *
 * No entry expires: the applier keeps each one current. Each cache but the last is bounded by
 * {@link ReaderConfig#ENTRIES_PER_CACHE} (least recently used go first) and {@link
 * ReaderConfig#VALUE_BYTES}. Every operation on one key is atomic; none spans two keys, and none
 * needs to, since there is one writer and each value states its own revision. Thread-safe.
 */
final class ReaderCache implements RoomStore {
  private static final String APPLIED = "applied";

  private final Map<RoomKind, Cache<String, byte[]>> caches = new EnumMap<>(RoomKind.class);
  private final Cache<String, byte[]> marker;

  /** Opens or makes the caches. */
  ReaderCache(CacheManager caching, int entries) {
    caches.put(RoomKind.GROUP, open(caching, "plenum-groups", entries));
    caches.put(RoomKind.SEGMENT, open(caching, "plenum-segments", entries));
    caches.put(RoomKind.ACCOUNT, open(caching, "plenum-accounts", entries));
    marker = open(caching, "plenum-reader", entries);
  }

  private static Cache<String, byte[]> open(CacheManager caching, String name, int entries) {
    Cache<String, byte[]> cache = caching.getCache(name, String.class, byte[].class);
    return cache != null
        ? cache
        : caching.createCache(name, RoomCacheConfiguration.of(name, entries));
  }

  private Cache<String, byte[]> cache(RoomKind kind) {
    Cache<String, byte[]> cache = caches.get(kind);
    if (cache == null) {
      throw new IllegalStateException("no cache of " + kind);
    }
    return cache;
  }

  @Override
  public byte @Nullable [] get(RoomKind kind, String key) {
    return cache(kind).get(key);
  }

  @Override
  public void put(RoomKind kind, String key, byte[] value) {
    cache(kind).put(key, value);
  }

  @Override
  public void remove(RoomKind kind, String key) {
    cache(kind).remove(key);
  }

  @Override
  public void clear() {
    // The marker first: nobody may take what is left for current.
    marker.clear();
    caches.values().forEach(Cache::clear);
  }

  @Override
  public void forEach(RoomKind kind, BiConsumer<String, byte[]> action) {
    for (Cache.Entry<String, byte[]> entry : cache(kind)) {
      byte[] value = entry == null ? null : entry.getValue();
      if (value != null) {
        action.accept(entry.getKey(), value);
      }
    }
  }

  @Override
  public long applied() {
    byte[] value = marker.get(APPLIED);
    return value == null ? 0 : ByteBuffer.wrap(value).getLong();
  }

  @Override
  public void applied(long revision) {
    marker.put(APPLIED, ByteBuffer.allocate(Long.BYTES).putLong(revision).array());
  }
}
