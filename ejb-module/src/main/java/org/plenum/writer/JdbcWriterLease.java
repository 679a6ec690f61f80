package org.plenum.writer;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.plenum.platform.LeaseEpoch;

/**
 * The row of the writer's lease: who leads, in which epoch, and until when by the database's clock.
 * Stateless and thread-safe; the transaction is the caller's.
 *
 * <p>A database can go back to an earlier state, when a replica that had not everything is promoted
 * or a backup is restored. So that nobody takes the new history for the one that was lost, an epoch
 * is never given twice: it is the time in seconds where that is more than the next number. And a
 * fence asks for more than the epoch: for its holder, and for what the holder wrote last.
 */
final class JdbcWriterLease {
  /** A clock that was set back must not keep the lease of a dead writer for as long. */
  private static final int CLOCK_SECONDS = 60;

  /**
   * What a writer must still have, and the database with it, for its transaction to count.
   *
   * @param epoch of its lease
   * @param holder the name under which it took it, another one for each start of a node
   * @param revision the last one that it committed; a database without it is not the one that it
   *     knows
   */
  record Fence(long epoch, String holder, long revision) {
    /** The condition in SQL, with a parameter for each component, in their order. */
    static final String SQL =
        "epoch = ? AND holder = ?"
            + " AND (SELECT COALESCE(MAX(revision), 0) FROM update_log) >= ?";

    /** Sets the parameters of the condition; the next free one. */
    int bind(PreparedStatement statement, int from) throws SQLException {
      statement.setLong(from, epoch);
      statement.setString(from + 1, holder);
      statement.setLong(from + 2, revision);
      return from + 3;
    }
  }

  private JdbcWriterLease() {}

  /** Takes the lease when it has run out or is the holder's own: its new epoch, else 0. */
  static long acquire(Connection connection, String holder, String url, int leaseSeconds)
      throws SQLException {
    String take =
        "UPDATE writer_lease SET epoch = "
            + LeaseEpoch.NEXT
            + ", holder = ?, url = ?, expires_at = "
            + end(leaseSeconds)
            + " WHERE id = 1 AND (expires_at < CURRENT_TIMESTAMP OR holder = ? OR expires_at > "
            + end(2 * leaseSeconds + CLOCK_SECONDS)
            + ")";
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

  /** Renews the lease, and locks its row until the commit; false when the fence does not hold. */
  static boolean fence(Connection connection, Fence fence, int leaseSeconds) throws SQLException {
    String sql =
        "UPDATE writer_lease SET expires_at = "
            + end(leaseSeconds)
            + " WHERE id = 1 AND "
            + Fence.SQL;
    try (PreparedStatement statement = JdbcRows.prepare(connection, sql)) {
      fence.bind(statement, 1);
      return statement.executeUpdate() == 1;
    }
  }

  /** Lets the lease run out now, if it is still the holder's. */
  static int release(Connection connection, long epoch, String holder) throws SQLException {
    try (PreparedStatement statement =
        JdbcRows.prepare(
            connection,
            "UPDATE writer_lease SET expires_at = CURRENT_TIMESTAMP"
                + " WHERE id = 1 AND epoch = ? AND holder = ?")) {
      statement.setLong(1, epoch);
      statement.setString(2, holder);
      return statement.executeUpdate();
    }
  }

  private static String end(int leaseSeconds) {
    return "CURRENT_TIMESTAMP + INTERVAL '" + leaseSeconds + "' SECOND";
  }
}
