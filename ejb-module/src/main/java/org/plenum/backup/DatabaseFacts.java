package org.plenum.backup;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;

/**
 * What a database holds.
 *
 * @param product {@code h2} or {@code postgresql}
 * @param schema version of its schema
 * @param revision the last one of its update log
 */
record DatabaseFacts(String product, String schema, long revision) {
  static final String H2 = "h2";
  static final String POSTGRESQL = "postgresql";

  static DatabaseFacts of(Connection connection) throws SQLException {
    String product = connection.getMetaData().getDatabaseProductName().toLowerCase(Locale.ROOT);
    try (Statement statement = connection.createStatement()) {
      return new DatabaseFacts(
          product,
          text(
              statement,
              "SELECT \"version\" FROM \"flyway_schema_history\" WHERE \"success\" AND \"version\" IS"
                  + " NOT NULL ORDER BY \"installed_rank\" DESC LIMIT 1"),
          Long.parseLong(text(statement, "SELECT COALESCE(MAX(revision), 0) FROM update_log")));
    }
  }

  private static String text(Statement statement, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? String.valueOf(row.getString(1)) : "";
    }
  }
}
