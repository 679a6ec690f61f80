package org.plenum.intake;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import javax.sql.DataSource;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/** Transactions of the intake's tables, outside of any container transaction. Thread-safe. */
final class IntakeDatabase {
  private static final int QUERY_SECONDS = 10;
  private static final int DETAIL = 1_000;

  private final DataSource dataSource;
  private final String what;

  /**
   * Transactions in this database.
   *
   * @param what what cannot be reached when it is away, for the error
   */
  IntakeDatabase(DataSource dataSource, String what) {
    this.dataSource = dataSource;
    this.what = what;
  }

  /** What is done in a transaction. */
  interface Work<T> {
    T with(Connection connection) throws SQLException;
  }

  /**
   * Does the work and commits it.
   *
   * @throws ServiceException READ_UNAVAILABLE when that failed
   */
  <T> T transaction(Work<T> work) {
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

  static PreparedStatement prepare(Connection connection, String sql) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    statement.setQueryTimeout(QUERY_SECONDS);
    return statement;
  }

  static OffsetDateTime time(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }

  /** A reason as long as its column. */
  static String cut(String detail) {
    return detail.length() <= DETAIL ? detail : detail.substring(0, DETAIL);
  }
}
