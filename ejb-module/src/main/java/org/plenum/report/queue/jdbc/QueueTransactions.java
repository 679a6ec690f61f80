package org.plenum.report.queue.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.QueueException.Reason;

/**
 * Transactions on the database of a queue, each on a connection of its own, and what their
 * statements have in common. Thread-safe.
 */
final class QueueTransactions {
  private static final Duration SHORTEST = Duration.ofSeconds(1);

  private final DataSource database;
  private final String queue;
  private final String asleep;
  private final String locked;
  private volatile @Nullable Boolean postgres;

  /**
   * Transactions.
   *
   * @param database one that joins no transaction
   * @param queue its name, for messages
   * @param lease an owner that stops in the middle of a transaction keeps its locks for as long on
   *     PostgreSQL, and who waits for them waits for three times as long
   */
  QueueTransactions(DataSource database, String queue, Duration lease) {
    this.database = database;
    this.queue = queue;
    long millis = Math.max(SHORTEST.toMillis(), lease.toMillis());
    this.asleep = millis + "ms";
    this.locked = 3 * millis + "ms";
  }

  /** Work in a transaction; a thrown exception rolls it back. */
  interface Work<T extends @Nullable Object> {
    T on(Connection connection) throws SQLException;
  }

  /**
   * The answer of the work, after the commit.
   *
   * @throws QueueException STORAGE_FULL or STORAGE_FAILED with this text; the outcome is unknown
   */
  <T extends @Nullable Object> T inTransaction(String failure, Work<T> work) {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      boolean committed = false;
      try {
        bound(connection);
        T answer = work.on(connection);
        connection.commit();
        committed = true;
        return answer;
      } finally {
        if (!committed) {
          connection.rollback();
        }
        connection.setAutoCommit(true);
      }
    } catch (SQLException e) {
      throw failed(failure, e);
    }
  }

  /**
   * A process that is stopped with an open transaction would keep the row of the queue locked, and
   * with it everybody out, for as long as its connection lives: the database ends the session. On
   * H2 {@code LOCK_TIMEOUT} bounds the wait.
   */
  private void bound(Connection connection) throws SQLException {
    Boolean known = postgres;
    if (known == null) {
      known = connection.getMetaData().getDatabaseProductName().equals("PostgreSQL");
      postgres = known;
    }
    if (known) {
      try (PreparedStatement set =
          prepare(
              connection,
              "SELECT set_config('idle_in_transaction_session_timeout', ?, true),"
                  + " set_config('lock_timeout', ?, true)",
              asleep,
              locked)) {
        set.execute();
      }
    }
  }

  private QueueException failed(String what, SQLException cause) {
    String state = String.valueOf(cause.getSQLState());
    String text = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
    boolean full = state.startsWith("53100") || text.contains("no space left");
    return new QueueException(
        full ? Reason.STORAGE_FULL : Reason.STORAGE_FAILED,
        "%s in the queue %s: %s".formatted(what, queue, cause.getMessage()),
        cause);
  }

  static PreparedStatement prepare(Connection connection, String sql, Object... values)
      throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
    return statement;
  }

  static int update(Connection connection, String sql, Object... values) throws SQLException {
    try (PreparedStatement statement = prepare(connection, sql, values)) {
      return statement.executeUpdate();
    }
  }

  static long number(Connection connection, String sql, Object... values) throws SQLException {
    try (PreparedStatement query = prepare(connection, sql, values);
        ResultSet row = query.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }
}
