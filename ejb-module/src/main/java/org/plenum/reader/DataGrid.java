package org.plenum.reader;

import java.util.logging.Level;
import java.util.logging.Logger;
import javax.cache.CacheManager;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import org.jspecify.annotations.Nullable;

/** Where the data grid of the server is found. */
final class DataGrid {
  private static final Logger LOG = Logger.getLogger(DataGrid.class.getName());
  private static final String CACHE_MANAGER = "payara/CacheManager";

  private DataGrid() {}

  /** The server's cache manager, or null, said in the log, when the grid is off. */
  @SuppressWarnings("BanJNDI") // a constant name of the server's own: nothing comes from users
  static @Nullable CacheManager caching() {
    try {
      if (new InitialContext().lookup(CACHE_MANAGER) instanceof CacheManager caching) {
        return caching;
      }
      LOG.warning(CACHE_MANAGER + " is no cache manager");
    } catch (NamingException | RuntimeException | LinkageError e) {
      LOG.log(Level.WARNING, "no data grid here", e);
    }
    return null;
  }
}
