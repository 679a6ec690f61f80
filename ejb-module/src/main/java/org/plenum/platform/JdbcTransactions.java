package org.plenum.platform;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Transactions of a feature's tables, outside of any container transaction. Thread-safe. */
public final class JdbcTransactions {
  private static final int QUERY_SECONDS = 10;
  private static final int DETAIL = 1_000;

  private final DataSource dataSource;
  private final String what;

  /**
   * Transactions in this database.
   *
   * @param what what cannot be reached when it is away, for the error
   */
  public JdbcTransactions(DataSource dataSource, String what) {
    this.dataSource = dataSource;
    this.what = what;
  }

  /** What is done in a transaction. */
  public interface Work<T extends @Nullable Object> {
    /** Uses the connection of the transaction. */
    T with(Connection connection) throws SQLException;
  }

  /**
   * Does the work and commits it.
   *
   * @throws ServiceException READ_UNAVAILABLE when that failed
   */
  public <T extends @Nullable Object> T transaction(Work<T> work) {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      try {
        T result = work.with(connection);
        connection.commit();
        return result;
      } catch (SQLException | RuntimeException e) {
        connection.rollback();
        throw e;
      } finally {
        connection.setAutoCommit(true);
      }
    } catch (SQLException e) {
      throw new ServiceException(
          ErrorCode.READ_UNAVAILABLE, what + " cannot be reached", Duration.ofSeconds(2), e);
    }
  }

  /** A statement that is given up after ten seconds; see {@link QueryTimeout}. */
  public static PreparedStatement prepare(Connection connection, String sql) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    QueryTimeout.set(statement, QUERY_SECONDS);
    return statement;
  }

  /** An instant as a parameter. */
  public static OffsetDateTime time(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }

  /** A reason as long as its column. */
  public static String cut(String detail) {
    return detail.length() <= DETAIL ? detail : detail.substring(0, DETAIL);
  }
}
