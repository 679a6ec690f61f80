package org.plenum.update;

import jakarta.annotation.Resource;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupId;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.QueryTimeout;
import org.plenum.platform.ServiceException;

/** The update log in the database. Thread-safe. */
@ApplicationScoped
public class JdbcUpdateLog implements UpdateLog {
  private static final byte[] NOTHING = new byte[0];
  private static final int QUERY_SECONDS = 10;

  @Resource(lookup = "jdbc/plenum")
  private DataSource dataSource;

  /** For the container. */
  public JdbcUpdateLog() {}

  /** For use without a container. */
  public JdbcUpdateLog(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  @Override
  public List<Update> after(long revision, int limit) {
    String sql =
        """
        SELECT u.revision, u.epoch, u.group_id, u.seq, u.kind, u.actor_id, u.subject_id, u.target, u.no, t.json
        FROM update_log u
        LEFT JOIN timeline_entry t ON t.group_id = u.group_id AND t.seq = u.seq
        WHERE u.revision > ? ORDER BY u.revision FETCH FIRST %d ROWS ONLY
        """
            .formatted(limit);
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      QueryTimeout.set(statement, QUERY_SECONDS);
      statement.setLong(1, revision);
      List<Update> updates = new ArrayList<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          byte[] json = row.getBytes(10);
          updates.add(
              new Update(
                  row.getLong(1),
                  row.getLong(2),
                  new GroupId(row.getObject(3, UUID.class)),
                  row.getLong(4),
                  EntryKind.ofCode(row.getInt(5)),
                  row.getLong(6),
                  row.getLong(7),
                  row.getLong(8),
                  row.getLong(9),
                  json == null ? NOTHING : json));
        }
      }
      return updates;
    } catch (SQLException e) {
      throw unavailable(e);
    }
  }

  @Override
  public long lastRevision() {
    return number("SELECT COALESCE(MAX(revision), 0) FROM update_log");
  }

  @Override
  public long firstRevision() {
    return number("SELECT COALESCE(MIN(revision), 1) FROM update_log");
  }

  private long number(String sql) {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      QueryTimeout.set(statement, QUERY_SECONDS);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    } catch (SQLException e) {
      throw unavailable(e);
    }
  }

  private static ServiceException unavailable(SQLException e) {
    return new ServiceException(
        ErrorCode.READ_UNAVAILABLE, "the update log cannot be read", Duration.ofSeconds(2), e);
  }
}
