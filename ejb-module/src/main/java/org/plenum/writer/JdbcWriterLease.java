package org.plenum.writer;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * The row of the writer's lease: who leads, in which epoch, and until when by the database's clock.
 * Stateless and thread-safe; the transaction is the caller's.
 */
final class JdbcWriterLease {
  private JdbcWriterLease() {}

  /** Takes the lease when it has run out or is the holder's own: its new epoch, else 0. */
  static long acquire(Connection connection, String holder, String url, int leaseSeconds)
      throws SQLException {
    String take =
        "UPDATE writer_lease SET epoch = epoch + 1, holder = ?, url = ?, expires_at = "
            + end(leaseSeconds)
            + " WHERE id = 1 AND (expires_at < CURRENT_TIMESTAMP OR holder = ?)";
    try (PreparedStatement statement = JdbcRows.prepare(connection, take)) {
      statement.setString(1, holder);
      statement.setString(2, url);
      statement.setString(3, holder);
      if (statement.executeUpdate() == 0) {
        return 0L;
      }
    }
    return JdbcRows.number(connection, "SELECT epoch FROM writer_lease WHERE id = 1");
  }

  /** Renews the lease, and locks its row until the commit; false when the epoch lost it. */
  static boolean fence(Connection connection, long epoch, int leaseSeconds) throws SQLException {
    String sql =
        "UPDATE writer_lease SET expires_at = " + end(leaseSeconds) + " WHERE id = 1 AND epoch = ?";
    try (PreparedStatement statement = JdbcRows.prepare(connection, sql)) {
      statement.setLong(1, epoch);
      return statement.executeUpdate() == 1;
    }
  }

  /** Lets the lease run out now, if the epoch still has it. */
  static int release(Connection connection, long epoch) throws SQLException {
    try (PreparedStatement statement =
        JdbcRows.prepare(
            connection,
            "UPDATE writer_lease SET expires_at = CURRENT_TIMESTAMP WHERE id = 1 AND epoch = ?")) {
      statement.setLong(1, epoch);
      return statement.executeUpdate();
    }
  }

  private static String end(int leaseSeconds) {
    return "CURRENT_TIMESTAMP + INTERVAL '" + leaseSeconds + "' SECOND";
  }
}
