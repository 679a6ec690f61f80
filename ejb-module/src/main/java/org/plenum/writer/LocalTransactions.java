package org.plenum.writer;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Transactions of a connection, without a container. Safe for use by several threads. */
final class LocalTransactions implements JdbcGroupStore.Transactions {
  private final DataSource dataSource;

  LocalTransactions(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /** One that cannot be rolled back is ended: to commit by itself again would commit it. */
  private static void undo(Connection connection, Throwable reason) throws SQLException {
    try {
      connection.rollback();
      connection.setAutoCommit(true);
    } catch (SQLException e) {
      reason.addSuppressed(e);
      connection.abort(Runnable::run);
    }
  }

  @Override
  public <T extends @Nullable Object> T inNew(SqlWork<T> work) {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      try {
        T answer = work.on(connection);
        connection.commit();
        connection.setAutoCommit(true);
        return answer;
      } catch (SQLException | RuntimeException | Error e) {
        undo(connection, e);
        throw e;
      }
    } catch (SQLException e) {
      throw StoreException.of(e);
    }
  }
}
