package org.plenum.writer;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.SchemaMigration;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A fresh database with the real migrations, and plain transactions: H2 in memory, or a schema of
 * its own on the PostgreSQL named by the system property {@code plenum.test.jdbc}.
 */
final class TestDatabase implements JdbcGroupStore.Transactions, AutoCloseable {
  final DataSource dataSource;
  private final Connection keepAlive;

  TestDatabase() throws SQLException {
    String url = System.getProperty("plenum.test.jdbc", "");
    String name = "t" + UUID.randomUUID().toString().replace("-", "");
    if (url.isEmpty()) {
      JdbcDataSource h2 = new JdbcDataSource();
      h2.setURL("jdbc:h2:mem:" + name + ";LOCK_TIMEOUT=10000");
      dataSource = h2;
      keepAlive = dataSource.getConnection();
    } else {
      keepAlive = DriverManager.getConnection(url);
      try (Statement statement = keepAlive.createStatement()) {
        statement.execute("CREATE SCHEMA " + name);
      }
      PGSimpleDataSource postgres = new PGSimpleDataSource();
      postgres.setUrl(url);
      postgres.setCurrentSchema(name);
      postgres.setReWriteBatchedInserts(true);
      dataSource = postgres;
    }
    SchemaMigration.migrate(dataSource);
  }

  @Override
  public <T extends @Nullable Object> T inNew(SqlWork<T> work) {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      try {
        T answer = work.on(connection);
        connection.commit();
        return answer;
      } catch (SQLException e) {
        connection.rollback();
        throw StoreException.of(e);
      } catch (RuntimeException e) {
        connection.rollback();
        throw e;
      }
    } catch (SQLException e) {
      throw StoreException.of(e);
    }
  }

  /** The first column of each row. */
  <T> List<T> column(String sql, Class<T> type) throws SQLException {
    List<T> values = new ArrayList<>();
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        values.add(row.getObject(1, type));
      }
    }
    return values;
  }

  @Override
  public void close() throws SQLException {
    keepAlive.close();
  }
}
