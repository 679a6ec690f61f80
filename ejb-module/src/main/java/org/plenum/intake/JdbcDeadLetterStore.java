package org.plenum.intake;

import static org.plenum.platform.JdbcTransactions.cut;
import static org.plenum.platform.JdbcTransactions.prepare;
import static org.plenum.platform.JdbcTransactions.time;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.Page;
import org.plenum.intake.api.DeadLetter;
import org.plenum.intake.api.DeadLetterStatus;
import org.plenum.intake.api.LetterQueue;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.JdbcTransactions;
import org.plenum.platform.ServiceException;

/** Dead letters in the database, with connections outside of any container transaction. */
public final class JdbcDeadLetterStore implements DeadLetterStore {
  private static final String COLUMNS =
      "id, message_id, business_key, command, reason_code, reason_detail, message_type,"
          + " body_truncated, attempts, status, received_at, changed_at, changed_by, group_id, seq,"
          + " queue";

  private final JdbcTransactions database;

  /** A store in this database, whose schema is migrated. */
  public JdbcDeadLetterStore(DataSource dataSource) {
    this.database = new JdbcTransactions(dataSource, "the dead letters");
  }

  @Override
  public int add(List<NewLetter> letters) {
    return database.transaction(
        connection -> {
          int added = 0;
          for (NewLetter letter : letters) {
            if (!isKept(connection, letter.messageId())) {
              insert(connection, letter);
              added++;
            }
          }
          return added;
        });
  }

  private static boolean isKept(Connection connection, String messageId) throws SQLException {
    try (PreparedStatement statement =
        prepare(connection, "SELECT 1 FROM dead_letter WHERE message_id = ?")) {
      statement.setString(1, messageId);
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  private static void insert(Connection connection, NewLetter letter) throws SQLException {
    String sql =
        "INSERT INTO dead_letter (message_id, business_key, command, reason_code, reason_detail,"
            + " message_type, body, body_truncated, attempts, status, received_at, changed_at, seq,"
            + " queue) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)";
    try (PreparedStatement statement = prepare(connection, sql)) {
      statement.setString(1, letter.messageId());
      statement.setString(2, letter.businessKey());
      statement.setString(3, letter.command());
      statement.setString(4, letter.code().name());
      statement.setString(5, cut(letter.detail()));
      statement.setString(6, letter.messageType());
      statement.setString(7, letter.body());
      statement.setBoolean(8, letter.truncated());
      statement.setInt(9, letter.attempts());
      statement.setString(10, DeadLetterStatus.WAITING.name());
      statement.setObject(11, time(letter.receivedAt()));
      statement.setObject(12, time(letter.receivedAt()));
      statement.setString(13, letter.queue().name());
      statement.executeUpdate();
    }
  }

  @Override
  public Page<DeadLetter> list(DeadLetterStatus status, @Nullable String cursor, int limit) {
    long before = before(cursor);
    String sql =
        "SELECT "
            + COLUMNS
            + " FROM dead_letter WHERE status = ? AND id < ? ORDER BY id DESC"
            + " FETCH FIRST "
            + (limit + 1)
            + " ROWS ONLY";
    return database.transaction(
        connection -> {
          try (PreparedStatement statement = prepare(connection, sql)) {
            statement.setString(1, status.name());
            statement.setLong(2, before);
            List<DeadLetter> found = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                found.add(letter(row, null));
              }
            }
            boolean more = found.size() > limit;
            List<DeadLetter> items = more ? found.subList(0, limit) : found;
            return new Page<>(items, more ? Long.toString(items.getLast().id()) : null);
          }
        });
  }

  private static long before(@Nullable String cursor) {
    if (cursor == null) {
      return Long.MAX_VALUE;
    }
    try {
      return Long.parseLong(cursor);
    } catch (NumberFormatException e) {
      throw new ServiceException(ErrorCode.INVALID_CURSOR, "not a cursor of dead letters", null, e);
    }
  }

  @Override
  public Optional<DeadLetter> find(long id) {
    return database.transaction(
        connection -> {
          try (PreparedStatement statement =
              prepare(connection, "SELECT " + COLUMNS + ", body FROM dead_letter WHERE id = ?")) {
            statement.setLong(1, id);
            try (ResultSet row = statement.executeQuery()) {
              return row.next()
                  ? Optional.of(letter(row, row.getString("body")))
                  : Optional.<DeadLetter>empty();
            }
          }
        });
  }

  @Override
  public boolean change(long id, Change change) {
    String sql =
        "UPDATE dead_letter SET status = ?, reason_code = ?, reason_detail = ?, attempts = ?,"
            + " changed_at = ?, changed_by = ?, group_id = ?, seq = ?"
            + " WHERE id = ? AND status = 'WAITING'";
    return database.transaction(
        connection -> {
          try (PreparedStatement statement = prepare(connection, sql)) {
            statement.setString(1, change.status().name());
            statement.setString(2, change.code().name());
            statement.setString(3, cut(change.detail()));
            statement.setInt(4, change.attempts());
            statement.setObject(5, time(change.at()));
            statement.setString(6, change.by());
            GroupId group = change.group();
            statement.setObject(7, group == null ? null : group.value());
            statement.setLong(8, change.seq());
            statement.setLong(9, id);
            return statement.executeUpdate() == 1;
          }
        });
  }

  @Override
  public Map<DeadLetterStatus, Long> counts() {
    return database.transaction(
        connection -> {
          Map<DeadLetterStatus, Long> counts = new EnumMap<>(DeadLetterStatus.class);
          for (DeadLetterStatus status : DeadLetterStatus.values()) {
            counts.put(status, 0L);
          }
          try (PreparedStatement statement =
                  prepare(connection, "SELECT status, COUNT(*) FROM dead_letter GROUP BY status");
              ResultSet row = statement.executeQuery()) {
            while (row.next()) {
              counts.put(DeadLetterStatus.valueOf(row.getString(1)), row.getLong(2));
            }
          }
          return counts;
        });
  }

  /** The time of the database. */
  Instant now() {
    return database.transaction(
        connection -> {
          try (PreparedStatement statement = prepare(connection, "SELECT CURRENT_TIMESTAMP");
              ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getObject(1, OffsetDateTime.class).toInstant();
          }
        });
  }

  @Override
  public int prune(Instant before, int limit) {
    return database.transaction(
        connection -> {
          int waiting = delete(connection, "received_at < ?", time(before));
          long excess = count(connection) - limit;
          if (excess > 0) {
            waiting +=
                delete(
                    connection,
                    "id IN (SELECT id FROM dead_letter"
                        + " ORDER BY CASE status WHEN 'WAITING' THEN 1 ELSE 0 END, id"
                        + " FETCH FIRST "
                        + excess
                        + " ROWS ONLY)",
                    null);
          }
          return waiting;
        });
  }

  private static int delete(Connection connection, String where, @Nullable OffsetDateTime bound)
      throws SQLException {
    int waiting;
    try (PreparedStatement statement =
        prepare(
            connection, "SELECT COUNT(*) FROM dead_letter WHERE status = 'WAITING' AND " + where)) {
      bind(statement, bound);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        waiting = row.getInt(1);
      }
    }
    try (PreparedStatement statement =
        prepare(connection, "DELETE FROM dead_letter WHERE " + where)) {
      bind(statement, bound);
      statement.executeUpdate();
    }
    return waiting;
  }

  private static void bind(PreparedStatement statement, @Nullable OffsetDateTime bound)
      throws SQLException {
    if (bound != null) {
      statement.setObject(1, bound);
    }
  }

  private static long count(Connection connection) throws SQLException {
    try (PreparedStatement statement = prepare(connection, "SELECT COUNT(*) FROM dead_letter");
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  private static DeadLetter letter(ResultSet row, @Nullable String body) throws SQLException {
    UUID group = row.getObject("group_id", UUID.class);
    return new DeadLetter(
        row.getLong("id"),
        row.getString("message_id"),
        row.getString("business_key"),
        row.getString("command"),
        ErrorCode.valueOf(row.getString("reason_code")),
        row.getString("reason_detail"),
        row.getString("message_type"),
        body,
        row.getBoolean("body_truncated"),
        row.getInt("attempts"),
        DeadLetterStatus.valueOf(row.getString("status")),
        row.getObject("received_at", OffsetDateTime.class).toInstant(),
        row.getObject("changed_at", OffsetDateTime.class).toInstant(),
        row.getString("changed_by"),
        group == null ? null : new GroupId(group),
        row.getLong("seq"),
        LetterQueue.valueOf(row.getString("queue")));
  }
}
