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

  @Override
  public <T extends @Nullable Object> T inNew(SqlWork<T> work) {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      try {
        T answer = work.on(connection);
        connection.commit();
        return answer;
      } catch (SQLException | RuntimeException | Error e) {
        connection.rollback();
        throw e;
      } finally {
        connection.setAutoCommit(true);
      }
    } catch (SQLException e) {
      throw StoreException.of(e);
    }
  }
}
