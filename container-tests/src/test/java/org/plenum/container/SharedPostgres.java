package org.plenum.container;

import org.plenum.testkit.PostgresServer;

/**
 * The PostgreSQL 18, with fsync, that all tests of this module share: each makes a schema in it.
 */
public final class SharedPostgres {
  private static final String DATABASE = "contracts";
  private static boolean made;

  private SharedPostgres() {}

  /** URL of a database for the contracts; started at the first call, stopped with this JVM. */
  public static synchronized String url() {
    PostgresServer server = Environment.postgres();
    if (!made) {
      server.createDatabase(DATABASE);
      made = true;
    }
    return server.jdbcUrl(DATABASE);
  }
}
