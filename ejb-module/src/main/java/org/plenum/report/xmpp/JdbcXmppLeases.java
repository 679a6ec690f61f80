package org.plenum.report.xmpp;

import static org.plenum.report.xmpp.XmppDatabase.prepare;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import javax.sql.DataSource;
import org.plenum.platform.ServiceException;

/** Leases in the database. */
final class JdbcXmppLeases implements XmppLeases {
  /** A clock that was set back must not keep the lease of a dead node for as long. */
  private static final int CLOCK_SECONDS = 60;

  private static final String ROW_IS_THERE = "23505";

  private final XmppDatabase database;

  JdbcXmppLeases(DataSource dataSource) {
    database = new XmppDatabase(dataSource, "the leases of XMPP servers");
  }

  @Override
  public int present(String node, int leaseSeconds) {
    return database.transaction(
        connection -> {
          String go =
              "UPDATE xmpp_node SET present_until = " + end(leaseSeconds) + " WHERE node = ?";
          String come =
              "INSERT INTO xmpp_node (present_until, node) VALUES (" + end(leaseSeconds) + ", ?)";
          if (update(connection, go, node) == 0) {
            update(connection, come, node);
            // Nodes that never said good-bye; a day is longer than any lease.
            update(
                connection,
                "DELETE FROM xmpp_node WHERE present_until < CURRENT_TIMESTAMP - INTERVAL '1' DAY"
                    + " AND node <> ?",
                node);
          }
          try (PreparedStatement statement =
                  prepare(
                      connection,
                      "SELECT COUNT(*) FROM xmpp_node WHERE present_until >= CURRENT_TIMESTAMP");
              ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getInt(1);
          }
        });
  }

  @Override
  public void absent(String node) {
    database.transaction(
        connection -> update(connection, "DELETE FROM xmpp_node WHERE node = ?", node));
  }

  @Override
  public long acquire(String server, String node, int leaseSeconds) {
    try {
      return take(server, node, leaseSeconds);
    } catch (ServiceException e) {
      if (e.getCause() instanceof SQLException sql && ROW_IS_THERE.equals(sql.getSQLState())) {
        // Another node made the row at the same moment: it is the owner, or the next round decides.
        return 0;
      }
      throw e;
    }
  }

  private long take(String server, String node, int leaseSeconds) {
    return database.transaction(
        connection -> {
          String take =
              "UPDATE xmpp_lease SET epoch = epoch + 1, node = ?, expires_at = "
                  + end(leaseSeconds)
                  + " WHERE server = ? AND (expires_at < CURRENT_TIMESTAMP OR expires_at > "
                  + end(2 * leaseSeconds + CLOCK_SECONDS)
                  + ")";
          make(connection, server);
          if (update(connection, take, node, server) == 0) {
            return 0L;
          }
          try (PreparedStatement statement =
              prepare(connection, "SELECT epoch FROM xmpp_lease WHERE server = ? AND node = ?")) {
            statement.setString(1, server);
            statement.setString(2, node);
            try (ResultSet row = statement.executeQuery()) {
              return row.next() ? row.getLong(1) : 0L;
            }
          }
        });
  }

  /** A server's row comes with a lease that has ended. */
  private static void make(Connection connection, String server) throws SQLException {
    String sql =
        "INSERT INTO xmpp_lease (server, epoch, node, expires_at) SELECT ?, 0, '',"
            + " TIMESTAMP WITH TIME ZONE '1970-01-01 00:00:00+00' WHERE NOT EXISTS"
            + " (SELECT 1 FROM xmpp_lease WHERE server = ?)";
    update(connection, sql, server, server);
  }

  @Override
  public boolean renew(String server, long epoch, int leaseSeconds) {
    return database.transaction(connection -> extend(connection, server, epoch, leaseSeconds));
  }

  private static boolean extend(Connection connection, String server, long epoch, int leaseSeconds)
      throws SQLException {
    String sql =
        "UPDATE xmpp_lease SET expires_at = "
            + end(leaseSeconds)
            + " WHERE server = ? AND epoch = ?";
    try (PreparedStatement statement = prepare(connection, sql)) {
      statement.setString(1, server);
      statement.setLong(2, epoch);
      return statement.executeUpdate() == 1;
    }
  }

  @Override
  public void release(String server, long epoch) {
    database.transaction(
        connection -> {
          String sql =
              "UPDATE xmpp_lease SET expires_at = CURRENT_TIMESTAMP - INTERVAL '1' SECOND"
                  + " WHERE server = ? AND epoch = ?";
          try (PreparedStatement statement = prepare(connection, sql)) {
            statement.setString(1, server);
            statement.setLong(2, epoch);
            return statement.executeUpdate();
          }
        });
  }

  @Override
  public Map<String, String> owners() {
    return database.transaction(
        connection -> {
          Map<String, String> owners = new HashMap<>();
          try (PreparedStatement statement =
                  prepare(
                      connection,
                      "SELECT server, node FROM xmpp_lease WHERE expires_at >= CURRENT_TIMESTAMP");
              ResultSet row = statement.executeQuery()) {
            while (row.next()) {
              owners.put(row.getString(1), row.getString(2));
            }
          }
          return owners;
        });
  }

  private static int update(Connection connection, String sql, String... values)
      throws SQLException {
    try (PreparedStatement statement = prepare(connection, sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setString(i + 1, values[i]);
      }
      return statement.executeUpdate();
    }
  }

  private static String end(int seconds) {
    return "CURRENT_TIMESTAMP + INTERVAL '" + seconds + "' SECOND";
  }
}
