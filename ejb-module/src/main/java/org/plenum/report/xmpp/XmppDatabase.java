package org.plenum.report.xmpp;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.QueryTimeout;
import org.plenum.platform.ServiceException;

/** Transactions of this feature's tables, outside of any container transaction. Thread-safe. */
final class XmppDatabase {
  private static final int QUERY_SECONDS = 10;

  private final DataSource dataSource;
  private final String what;

  /**
   * Transactions in this database.
   *
   * @param what what cannot be reached when it is away, for the error
   */
  XmppDatabase(DataSource dataSource, String what) {
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
    QueryTimeout.set(statement, QUERY_SECONDS);
    return statement;
  }
}
