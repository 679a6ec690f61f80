package org.plenum.report;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.plenum.platform.JdbcTransactions;

/**
 * The time of the database: the one clock that all nodes share, so that what a node with a wrong
 * clock took holds as long as it should. Immutable.
 */
final class DatabaseTime {
  /** Closer clocks count as equal: what was received in order keeps its own times. */
  private static final Duration CLOSE = Duration.ofSeconds(1);

  private final String sql;

  private DatabaseTime(String sql) {
    this.sql = sql;
  }

  /** As the database says. */
  static DatabaseTime current() {
    return new DatabaseTime("CURRENT_TIMESTAMP");
  }

  /** A database whose clock stands still. */
  static DatabaseTime fixed(Instant now) {
    return new DatabaseTime("TIMESTAMP WITH TIME ZONE '" + time(now) + "'");
  }

  private static String time(Instant now) {
    return now.toString().replace('T', ' ').replace("Z", "+00:00");
  }

  /** The SQL expression of the time of the transaction. */
  String sql() {
    return sql;
  }

  /** Now. */
  Instant read(Connection connection) throws SQLException {
    try (PreparedStatement statement = JdbcTransactions.prepare(connection, "SELECT " + sql);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getObject(1, OffsetDateTime.class).toInstant();
    }
  }

  /**
   * What the database's clock showed when the node's clock showed another time, if they are as far
   * apart as now; not a time that is still to come.
   *
   * @param node what the node's clock showed
   * @param nodeNow the node's clock now
   * @param now the database's clock now
   */
  static Instant corrected(Instant node, Instant nodeNow, Instant now) {
    Duration apart = Duration.between(nodeNow, now);
    Instant corrected = apart.abs().compareTo(CLOSE) > 0 ? node.plus(apart) : node;
    return corrected.isAfter(now.plus(CLOSE)) ? now : corrected;
  }
}
