package org.plenum.reader;

import com.hazelcast.cache.HazelcastCacheManager;
import com.hazelcast.cache.impl.ICacheInternal;
import java.util.Iterator;
import java.util.function.BiPredicate;
import javax.cache.Cache;
import org.jspecify.annotations.Nullable;

/**
 * All entries of a cache of the data grid, with their values in batches. The iterator of JCache
 * asks the grid for each value by itself, which for most of them is a call to another member: a
 * snapshot of a room of 10,000 values would be as many calls, on every node, every minute. Nothing
 * but this and {@link RoomCacheConfiguration} knows the product behind JCache; with another one, or
 * another version, each value is asked for.
 */
final class GridEntries {
  /** A value has some 20 KB, so this is a message of a good megabyte at most. */
  private static final int FETCH = 64;

  private GridEntries() {}

  /**
   * Gives entries in no order until one is answered with false; what changes meanwhile is given old
   * or new, and what comes or goes may be given or not.
   */
  static void forEach(Cache<String, byte[]> cache, BiPredicate<String, byte[]> action) {
    Partitions partitions = partitions(cache);
    if (partitions == null) {
      var unused = give(cache.iterator(), action);
      return;
    }
    boolean goOn = true;
    for (int partition = 0; goOn && partition < partitions.count(); partition++) {
      goOn = give(partitions.cache().iterator(FETCH, partition, true), action);
    }
  }

  private static boolean give(
      Iterator<Cache.Entry<String, byte[]>> entries, BiPredicate<String, byte[]> action) {
    while (entries.hasNext()) {
      Cache.Entry<String, byte[]> entry = entries.next();
      byte[] value = entry == null ? null : entry.getValue();
      if (value != null && !action.test(entry.getKey(), value)) {
        return false;
      }
    }
    return true;
  }

  /** Whether values of this cache come in batches. */
  static boolean inBatches(Cache<String, byte[]> cache) {
    return partitions(cache) != null;
  }

  private record Partitions(ICacheInternal<String, byte[]> cache, int count) {}

  private static @Nullable Partitions partitions(Cache<String, byte[]> cache) {
    try {
      if (cache instanceof ICacheInternal<String, byte[]> grid
          && cache.getCacheManager() instanceof HazelcastCacheManager manager) {
        return new Partitions(
            grid, manager.getHazelcastInstance().getPartitionService().getPartitions().size());
      }
      return null;
    } catch (LinkageError e) {
      return null;
    }
  }
}
