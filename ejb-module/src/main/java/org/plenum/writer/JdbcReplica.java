package org.plenum.writer;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Set;
import java.util.UUID;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.QueryTimeout;

/**
 * PostgreSQL's synchronous replication (ADR 0051). A transaction of its own asks to wait for the
 * replica, whatever the server has other commits do; replication is in order, so when it ends the
 * replica has on disk all that was committed before it. Thread-safe.
 *
 * <p>The end of the wait alone proves nothing: a wait that is cancelled, by the limit or by an
 * administrator, ends with a warning, and one whose {@code synchronous_standby_names} is emptied
 * meanwhile ends without. So the position that a replica confirmed is looked at as well.
 */
final class JdbcReplica implements ReplicaDatabase {
  private static final Logger LOG = Logger.getLogger(JdbcReplica.class.getName());
  private static final int SECONDS = 2;
  private static final String PRODUCT = "PostgreSQL";
  private static final String STATE =
      """
      SELECT current_setting('synchronous_standby_names') <> '', EXISTS (
        SELECT 1 FROM pg_stat_replication WHERE state = 'streaming' AND sync_state IN ('sync', 'quorum'))
      """;

  /**
   * Warnings count, so nobody's setting may hide them. The record gives the commit something to
   * wait for.
   */
  private static final String MARK =
      """
      SELECT set_config('synchronous_commit', 'on', true), set_config('client_min_messages', 'warning', true),
        current_setting('synchronous_standby_names') <> '',
        ARRAY(SELECT k FROM UNNEST(?::uuid[]) k WHERE NOT EXISTS (SELECT 1 FROM timeline_entry e WHERE e.client_id = k)),
        pg_logical_emit_message(true, 'plenum', '')::text
      """;

  private static final String CONFIRMED =
      """
      SELECT 1 FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum') AND flush_lsn >= ?::pg_lsn
      """;

  private final DataSource dataSource;

  JdbcReplica(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /**
   * What the transaction stands for.
   *
   * @param position of the log, after all that was committed before
   */
  private record Mark(boolean waits, Set<UUID> missing, String position) {}

  @Override
  public State state() {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      if (!replicates(connection)) {
        return State.NONE;
      }
      QueryTimeout.set(statement, SECONDS);
      try (ResultSet row = statement.executeQuery(STATE)) {
        row.next();
        if (!row.getBoolean(1)) {
          return State.NONE;
        }
        return row.getBoolean(2) ? State.CONNECTED : State.AWAY;
      }
    } catch (SQLException e) {
      throw StoreException.of(e);
    }
  }

  private static boolean replicates(Connection connection) throws SQLException {
    return connection.getMetaData().getDatabaseProductName().equals(PRODUCT);
  }

  @Override
  public Answer ask(Collection<UUID> written, Duration limit) {
    try (Connection connection = dataSource.getConnection()) {
      if (!replicates(connection)) {
        return new Answer.Absent();
      }
      Mark mark = waited(connection, written, limit);
      if (mark == null) {
        return new Answer.Silent();
      }
      if (!mark.waits()) {
        return new Answer.Absent();
      }
      // A cancellation that came too late for the wait hits this statement: nobody is told too
      // much.
      return confirmed(connection, mark) ? new Answer.Holds(mark.missing()) : new Answer.Silent();
    } catch (SQLException e) {
      LOG.log(Level.WARNING, "whether the replica has the last writes cannot be told", e);
      return new Answer.Silent();
    }
  }

  /** Null when the replica did not confirm in time. */
  private static @Nullable Mark waited(
      Connection connection, Collection<UUID> written, Duration limit) throws SQLException {
    connection.setAutoCommit(false);
    try {
      Mark mark = mark(connection, written);
      if (!mark.waits()) {
        connection.rollback();
        return mark;
      }
      return committed(connection, limit) ? mark : null;
    } catch (SQLException e) {
      try {
        connection.rollback();
      } catch (SQLException also) {
        e.addSuppressed(also);
      }
      throw e;
    } finally {
      connection.setAutoCommit(true);
    }
  }

  private static Mark mark(Connection connection, Collection<UUID> written) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(MARK)) {
      QueryTimeout.set(statement, SECONDS);
      statement.setArray(1, connection.createArrayOf("uuid", written.toArray()));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        Object[] missing = (Object[]) row.getArray(4).getArray();
        return new Mark(
            row.getBoolean(3),
            Arrays.stream(missing).map(UUID.class::cast).collect(Collectors.toUnmodifiableSet()),
            row.getString(5));
      }
    }
  }

  /**
   * Commits by a statement, since only statements have a limit: the driver cancels the wait, and
   * the server says so by a warning. {@code statement_timeout} does not reach into a commit.
   */
  private static boolean committed(Connection connection, Duration limit) throws SQLException {
    try (Statement commit = connection.createStatement()) {
      QueryTimeout.set(commit, Math.toIntExact(limit.plusMillis(999).toSeconds()));
      commit.execute("COMMIT");
      return commit.getWarnings() == null;
    }
  }

  private static boolean confirmed(Connection connection, Mark mark) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(CONFIRMED)) {
      QueryTimeout.set(statement, SECONDS);
      statement.setString(1, mark.position());
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }
}
