package org.plenum.intake;

import static org.plenum.platform.JdbcTransactions.cut;
import static org.plenum.platform.JdbcTransactions.prepare;
import static org.plenum.platform.JdbcTransactions.time;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.JdbcTransactions;

/** Attempts in the database. */
public final class JdbcAttemptStore implements AttemptStore {
  private final JdbcTransactions database;

  /** A store in this database, whose schema is migrated. */
  public JdbcAttemptStore(DataSource dataSource) {
    database = new JdbcTransactions(dataSource, "the attempts of messages");
  }

  @Override
  public Map<String, Attempts> find(Collection<String> messageIds) {
    return database.transaction(connection -> find(connection, messageIds));
  }

  private static Map<String, Attempts> find(Connection connection, Collection<String> messageIds)
      throws SQLException {
    Map<String, Attempts> found = new HashMap<>();
    String sql =
        "SELECT tries, reason_code, reason_detail FROM intake_attempt WHERE message_id = ?";
    try (PreparedStatement statement = prepare(connection, sql)) {
      for (String messageId : messageIds) {
        statement.setString(1, messageId);
        try (ResultSet row = statement.executeQuery()) {
          if (row.next()) {
            found.put(
                messageId, new Attempts(row.getInt(1), code(row.getString(2)), row.getString(3)));
          }
        }
      }
    }
    return found;
  }

  private static @Nullable ErrorCode code(@Nullable String name) {
    return name == null ? null : ErrorCode.valueOf(name);
  }

  @Override
  public void suspect(Collection<String> messageIds, Instant at) {
    if (messageIds.isEmpty()) {
      return;
    }
    database.transaction(
        connection -> {
          Map<String, Attempts> known = find(connection, messageIds);
          String sql = "INSERT INTO intake_attempt (message_id, tries, tried_at) VALUES (?, 0, ?)";
          try (PreparedStatement statement = prepare(connection, sql)) {
            for (String messageId : messageIds) {
              if (!known.containsKey(messageId)) {
                statement.setString(1, messageId);
                statement.setObject(2, time(at));
                statement.addBatch();
              }
            }
            return statement.executeBatch();
          }
        });
  }

  @Override
  public void begin(String messageId, Collection<String> done, Instant at) {
    database.transaction(
        connection -> {
          String sql =
              "UPDATE intake_attempt SET tries = tries + 1, tried_at = ? WHERE message_id = ?";
          try (PreparedStatement statement = prepare(connection, sql)) {
            statement.setObject(1, time(at));
            statement.setString(2, messageId);
            statement.executeUpdate();
          }
          return forget(connection, done);
        });
  }

  @Override
  public void failed(String messageId, ErrorCode code, String detail) {
    database.transaction(
        connection -> {
          String sql =
              "UPDATE intake_attempt SET reason_code = ?, reason_detail = ? WHERE message_id = ?";
          try (PreparedStatement statement = prepare(connection, sql)) {
            statement.setString(1, code.name());
            statement.setString(2, cut(detail));
            statement.setString(3, messageId);
            return statement.executeUpdate();
          }
        });
  }

  @Override
  public void excuse(String messageId) {
    database.transaction(
        connection -> {
          String sql = "UPDATE intake_attempt SET tries = tries - 1 WHERE message_id = ?";
          try (PreparedStatement statement = prepare(connection, sql)) {
            statement.setString(1, messageId);
            return statement.executeUpdate();
          }
        });
  }

  @Override
  public void forget(Collection<String> messageIds) {
    if (!messageIds.isEmpty()) {
      database.transaction(connection -> forget(connection, messageIds));
    }
  }

  private static int forget(Connection connection, Collection<String> messageIds)
      throws SQLException {
    try (PreparedStatement statement =
        prepare(connection, "DELETE FROM intake_attempt WHERE message_id = ?")) {
      for (String messageId : messageIds) {
        statement.setString(1, messageId);
        statement.addBatch();
      }
      return statement.executeBatch().length;
    }
  }

  @Override
  public void prune(Instant before) {
    database.transaction(
        connection -> {
          try (PreparedStatement statement =
              prepare(connection, "DELETE FROM intake_attempt WHERE tried_at < ?")) {
            statement.setObject(1, time(before));
            return statement.executeUpdate();
          }
        });
  }
}
