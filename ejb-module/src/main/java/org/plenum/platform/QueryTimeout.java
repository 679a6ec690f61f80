package org.plenum.platform;

import java.sql.SQLException;
import java.sql.Statement;

/**
 * The limit of one statement. H2 keeps a statement's limit as its session's: it would stay on the
 * pooled connection for whoever uses it next, so there the limit is the one that the session has by
 * its URL ({@code QUERY_TIMEOUT}).
 */
public final class QueryTimeout {
  private QueryTimeout() {}

  /**
   * Has the statement given up after so many seconds, where that is the statement's alone. Asks the
   * driver for its product, which it knows without the database.
   */
  public static void set(Statement statement, int seconds) throws SQLException {
    if (!"H2".equals(statement.getConnection().getMetaData().getDatabaseProductName())) {
      statement.setQueryTimeout(seconds);
    }
  }
}
