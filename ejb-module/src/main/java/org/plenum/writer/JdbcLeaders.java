package org.plenum.writer;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import javax.sql.DataSource;
import org.plenum.platform.QueryTimeout;
import org.plenum.writer.StoreException.Fault;

/** Reads the lease. */
final class JdbcLeaders implements Leaders {
  private static final String SQL =
      "SELECT epoch, url FROM writer_lease WHERE id = 1 AND expires_at > CURRENT_TIMESTAMP";

  private static final int SECONDS = 2;

  private final DataSource dataSource;

  JdbcLeaders(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  @Override
  public Optional<Leader> leader() {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(SQL)) {
      QueryTimeout.set(statement, SECONDS);
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(new Leader(row.getLong(1), row.getString(2)))
            : Optional.empty();
      }
    } catch (SQLException e) {
      throw new StoreException(Fault.UNAVAILABLE, "the lease could not be read", e);
    }
  }
}
