package org.plenum.reader;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import javax.cache.Cache;
import javax.cache.CacheManager;
import org.jspecify.annotations.Nullable;
import org.plenum.cluster.api.StatusBoard;
import org.plenum.platform.config.KnownConfig;

/**
 * The board as a cache on the data grid, {@code plenum-nodes}: name of a node -> its status as
 * bytes, written by that node alone. No entry expires: who finds one old removes it. Each operation
 * is of one key and atomic; a cache that fails is opened anew at the next call.
 */
@ApplicationScoped
public class GridStatusBoard implements StatusBoard {
  private static final String NAME = "plenum-nodes";
  private static final int ENTRIES = 1_000;

  /** Finding names asks every partition of the grid, reading the values of known ones a few. */
  private static final int SEARCH_EVERY = 5;

  private final Supplier<@Nullable CacheManager> grid;
  private volatile @Nullable Cache<String, byte[]> open;
  private volatile boolean none;

  /** Of the one thread that exchanges. */
  private int turn;

  private Set<String> names = Set.of();

  /** The board on the grid of the server, where configuration allows its use. */
  public GridStatusBoard() {
    this(() -> ReaderConfig.from(KnownConfig.get()).dataGrid() ? DataGrid.caching() : null);
  }

  GridStatusBoard(Supplier<@Nullable CacheManager> grid) {
    this.grid = grid;
  }

  @Override
  public Map<String, byte[]> exchange(String node, byte[] status, int most) {
    Cache<String, byte[]> cache = cache();
    if (cache == null) {
      return Map.of();
    }
    try {
      cache.put(node, status);
      if (turn++ % SEARCH_EVERY != 0) {
        return cache.getAll(names);
      }
      Map<String, byte[]> all = new HashMap<>();
      for (Cache.Entry<String, byte[]> entry : cache) {
        if (entry != null && entry.getValue() != null && all.size() < most) {
          all.put(entry.getKey(), entry.getValue());
        }
      }
      names = Set.copyOf(all.keySet());
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
    CacheManager caching = grid.get();
    if (caching == null) {
      none = true;
      return null;
    }
    cache = caching.getCache(NAME, String.class, byte[].class);
    if (cache == null) {
      cache = caching.createCache(NAME, RoomCacheConfiguration.of(NAME, ENTRIES));
    }
    open = cache;
    return cache;
  }
}
