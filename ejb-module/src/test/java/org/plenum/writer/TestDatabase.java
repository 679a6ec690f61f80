package org.plenum.writer;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
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
 * its own on a PostgreSQL.
 */
public final class TestDatabase implements JdbcGroupStore.Transactions, AutoCloseable {
  final DataSource dataSource;
  private final DataSource plain;
  private final Connection keepAlive;

  private TestDatabase(DataSource dataSource, DataSource plain, Connection keepAlive) {
    this.dataSource = dataSource;
    this.plain = plain;
    this.keepAlive = keepAlive;
    SchemaMigration.migrate(dataSource);
  }

  /** H2 in memory, gone when it is closed. */
  public static TestDatabase h2() throws SQLException {
    JdbcDataSource h2 = new JdbcDataSource();
    h2.setURL("jdbc:h2:mem:" + name() + ";LOCK_TIMEOUT=10000");
    return new TestDatabase(h2, h2, h2.getConnection());
  }

  /** A new schema in the PostgreSQL database at that URL. */
  public static TestDatabase postgres(String url) throws SQLException {
    String name = name();
    Connection connection = DriverManager.getConnection(url);
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE SCHEMA " + name);
    }
    PGSimpleDataSource postgres = new PGSimpleDataSource();
    postgres.setUrl(url);
    postgres.setCurrentSchema(name);
    postgres.setReWriteBatchedInserts(true);
    HikariConfig pool = new HikariConfig();
    pool.setDataSource(postgres);
    pool.setMinimumIdle(0);
    pool.setMaximumPoolSize(32);
    return new TestDatabase(new HikariDataSource(pool), postgres, connection);
  }

  private static String name() {
    return "t" + UUID.randomUUID().toString().replace("-", "");
  }

  @Override
  public <T extends @Nullable Object> T inNew(SqlWork<T> work) {
    return new LocalTransactions(dataSource).inNew(work);
  }

  /** The database. */
  public DataSource dataSource() {
    return dataSource;
  }

  /** A connection outside of the pool, for a test that lets it break. */
  Connection connect() throws SQLException {
    return plain.getConnection();
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
    if (dataSource instanceof HikariDataSource pool) {
      pool.close();
    }
    keepAlive.close();
  }
}
