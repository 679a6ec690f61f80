package org.plenum.reader;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.Map;
import javax.cache.Cache;
import javax.cache.CacheManager;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;
import org.plenum.cluster.api.StatusBoard;

/**
 * The board as a cache on the data grid, {@code plenum-nodes}: name of a node -> its status as
 * bytes, written by that node alone. No entry expires: who finds one old removes it. Each operation
 * is of one key and atomic; a cache that fails is opened anew at the next call.
 */
@ApplicationScoped
public class GridStatusBoard implements StatusBoard {
  private static final String NAME = "plenum-nodes";

  private volatile @Nullable Cache<String, byte[]> open;
  private volatile boolean none;

  @Override
  public Map<String, byte[]> exchange(String node, byte[] status, int most) {
    Cache<String, byte[]> cache = cache();
    if (cache == null) {
      return Map.of();
    }
    try {
      cache.put(node, status);
      Map<String, byte[]> all = new HashMap<>();
      for (Cache.Entry<String, byte[]> entry : cache) {
        if (entry != null && entry.getValue() != null && all.size() < most) {
          all.put(entry.getKey(), entry.getValue());
        }
      }
      return all;
    } catch (RuntimeException e) {
      open = null;
      throw e;
    }
  }

  @Override
  public void remove(String node, byte[] status) {
    Cache<String, byte[]> cache = cache();
    if (cache != null) {
      var unused = cache.remove(node, status);
    }
  }

  private @Nullable Cache<String, byte[]> cache() {
    Cache<String, byte[]> cache = open;
    if (cache != null || none) {
      return cache;
    }
    ReaderConfig config = ReaderConfig.from(ConfigProvider.getConfig());
    CacheManager caching = config.dataGrid() ? DataGrid.caching() : null;
    if (caching == null) {
      none = true;
      return null;
    }
    cache = caching.getCache(NAME, String.class, byte[].class);
    if (cache == null) {
      cache = caching.createCache(NAME, RoomCacheConfiguration.of(NAME, config.entriesPerCache()));
    }
    open = cache;
    return cache;
  }
}
