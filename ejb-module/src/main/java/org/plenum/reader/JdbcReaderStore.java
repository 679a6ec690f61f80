package org.plenum.reader;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.Actor;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupEvent;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.GroupStatus;
import org.plenum.group.api.GroupType;
import org.plenum.group.api.MemberStatus;
import org.plenum.group.api.Membership;
import org.plenum.group.api.PostingRule;
import org.plenum.group.api.Role;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.QueryTimeout;
import org.plenum.platform.ServiceException;

/**
 * Reads of the group tables by plain JDBC. Each answer comes from one statement, and one statement
 * sees one state of the database: so the revision that it selects along is exact without a
 * transaction. Works on H2 and PostgreSQL. Thread-safe.
 */
final class JdbcReaderStore implements ReaderStore {
  private static final String REVISION =
      "FROM (SELECT COALESCE(MAX(revision), 0) AS revision FROM update_log) r ";
  private static final String GROUP_COLUMNS =
      "r.revision, g.id, g.type, g.name, g.topic, g.posting_rule, g.retention_days, g.group_key,"
          + " g.status, g.owner_id, g.member_count, g.first_seq, g.created_at, t.seq, t.no ";
  private static final String HEAD =
      " LEFT JOIN timeline_entry t ON t.group_id = g.id AND t.seq ="
          + " (SELECT MAX(h.seq) FROM timeline_entry h WHERE h.group_id = g.id) ";
  private static final String MEMBER_COLUMNS =
      "r.revision, m.group_id, m.account_id, m.account_name, m.status, m.role, m.muted_until,"
          + " m.since, m.read_seq, m.read_no ";
  private static final int IDS_PER_QUERY = 200;
  private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

  private final DataSource dataSource;
  private final int timeoutSeconds;

  JdbcReaderStore(DataSource dataSource, Duration queryTimeout) {
    this.dataSource = dataSource;
    this.timeoutSeconds = Math.clamp(queryTimeout.toSeconds(), 1, 3_600);
  }

  @Override
  public Loaded<List<GroupState>> groups(Collection<GroupId> ids) {
    List<GroupId> wanted = List.copyOf(ids);
    List<GroupState> found = new ArrayList<>(wanted.size());
    long revision = Long.MAX_VALUE;
    for (int start = 0; start == 0 || start < wanted.size(); start += IDS_PER_QUERY) {
      List<GroupId> some = wanted.subList(start, Math.min(wanted.size(), start + IDS_PER_QUERY));
      String marks = String.join(",", Collections.nCopies(Math.max(1, some.size()), "?"));
      Loaded<List<GroupState>> part =
          query(
              "SELECT "
                  + GROUP_COLUMNS
                  + REVISION
                  + "LEFT JOIN chat_group g ON g.id IN ("
                  + marks
                  + ")"
                  + HEAD,
              statement -> {
                statement.setObject(1, new UUID(0, 0));
                for (int i = 0; i < some.size(); i++) {
                  statement.setObject(i + 1, some.get(i).value());
                }
              },
              JdbcReaderStore::group);
      found.addAll(part.value());
      // Several statements see several states: the oldest is the one that all of them contain.
      // What a later one has more is skipped when it is applied, by the group's own sequence.
      revision = Math.min(revision, part.revision());
    }
    return new Loaded<>(found, revision);
  }

  @Override
  public Loaded<List<Membership>> memberships(long account) {
    return query(
        "SELECT " + MEMBER_COLUMNS + REVISION + "LEFT JOIN membership m ON m.account_id = ?",
        statement -> statement.setLong(1, account),
        JdbcReaderStore::membership);
  }

  @Override
  public Loaded<List<StoredEntry>> entries(GroupId group, long from, long to) {
    return query(
        "SELECT r.revision, t.seq, t.kind, t.target_seq, t.json "
            + REVISION
            + "LEFT JOIN timeline_entry t ON t.group_id = ? AND t.seq BETWEEN ? AND ?"
            + " ORDER BY t.seq",
        statement -> {
          statement.setObject(1, group.value());
          statement.setLong(2, from);
          statement.setLong(3, to);
        },
        JdbcReaderStore::entry);
  }

  @Override
  public Loaded<List<Membership>> members(
      GroupId group, MemberStatus status, long afterAccount, int limit) {
    return query(
        "SELECT "
            + MEMBER_COLUMNS
            + REVISION
            + "LEFT JOIN membership m ON m.group_id = ? AND m.status = ? AND m.account_id > ?"
            + " ORDER BY m.account_id FETCH FIRST ? ROWS ONLY",
        statement -> {
          statement.setObject(1, group.value());
          statement.setString(2, status.name());
          statement.setLong(3, afterAccount);
          statement.setInt(4, limit);
        },
        JdbcReaderStore::membership);
  }

  @Override
  public Loaded<List<GroupState>> directory(
      String text, @Nullable String afterName, @Nullable GroupId afterId, int limit) {
    String place =
        afterName == null || afterId == null
            ? ""
            : " AND (LOWER(g.name) > ? OR (LOWER(g.name) = ? AND g.id > ?))";
    return query(
        "SELECT "
            + GROUP_COLUMNS
            + REVISION
            + "LEFT JOIN chat_group g ON g.type <> 'PRIVATE' AND g.status <> 'DISSOLVED'"
            + " AND LOWER(g.name) LIKE ? ESCAPE '!'"
            + place
            + HEAD
            + " ORDER BY LOWER(g.name), g.id FETCH FIRST ? ROWS ONLY",
        statement -> {
          int next = 1;
          statement.setString(next++, "%" + escaped(text.toLowerCase(Locale.ROOT)) + "%");
          if (afterName != null && afterId != null) {
            String name = afterName.toLowerCase(Locale.ROOT);
            statement.setString(next++, name);
            statement.setString(next++, name);
            statement.setObject(next++, afterId.value());
          }
          statement.setInt(next, limit);
        },
        JdbcReaderStore::group);
  }

  @Override
  public int pendingIn(GroupId group, int upTo) {
    return query(
            "SELECT r.revision, m.account_id "
                + REVISION
                + "LEFT JOIN membership m ON m.group_id = ? AND m.status IN (?, ?)"
                + " FETCH FIRST ? ROWS ONLY",
            statement -> {
              statement.setObject(1, group.value());
              statement.setString(2, MemberStatus.INVITED.name());
              statement.setString(3, MemberStatus.REQUESTED.name());
              statement.setInt(4, upTo);
            },
            row -> row.getObject(2, Long.class))
        .value()
        .size();
  }

  @Override
  public Optional<GroupId> byKey(String key) {
    return query(
            "SELECT r.revision, g.id " + REVISION + "LEFT JOIN chat_group g ON g.group_key = ?",
            statement -> statement.setString(1, key),
            row -> {
              UUID id = row.getObject(2, UUID.class);
              return id == null ? null : new GroupId(id);
            })
        .value()
        .stream()
        .findFirst();
  }

  private static String escaped(String text) {
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_");
  }

  private static @Nullable GroupState group(ResultSet row) throws SQLException {
    UUID id = row.getObject(2, UUID.class);
    if (id == null) {
      return null;
    }
    return new GroupState(
        new GroupId(id),
        new GroupEvent.Settings(
            GroupType.valueOf(row.getString(3)),
            row.getString(4),
            row.getString(5),
            PostingRule.valueOf(row.getString(6)),
            row.getInt(7)),
        row.getString(8),
        GroupStatus.valueOf(row.getString(9)),
        row.getLong(10),
        row.getInt(11),
        row.getLong(14),
        row.getLong(15),
        row.getLong(12),
        instant(row, 13));
  }

  private static @Nullable Membership membership(ResultSet row) throws SQLException {
    UUID group = row.getObject(2, UUID.class);
    if (group == null) {
      return null;
    }
    return new Membership(
        new GroupId(group),
        new Actor(row.getLong(3), row.getString(4)),
        MemberStatus.valueOf(row.getString(5)),
        Role.valueOf(row.getString(6)),
        row.getObject(7, OffsetDateTime.class) == null ? null : instant(row, 7),
        instant(row, 8),
        row.getLong(9),
        row.getLong(10));
  }

  private static @Nullable StoredEntry entry(ResultSet row) throws SQLException {
    byte[] json = row.getBytes(5);
    if (json == null) {
      return null;
    }
    boolean edit = row.getInt(3) == EntryKind.MESSAGE_EDITED.code();
    return new StoredEntry(row.getLong(2), edit ? row.getLong(4) : 0, json);
  }

  private static Instant instant(ResultSet row, int column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }

  private interface Binder {
    void bind(PreparedStatement statement) throws SQLException;
  }

  /** Reads a row; null for the one row that carries the revision only. */
  private interface RowReader<T> {
    @Nullable T read(ResultSet row) throws SQLException;
  }

  private <T> Loaded<List<T>> query(String sql, Binder binder, RowReader<T> reader) {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      QueryTimeout.set(statement, timeoutSeconds);
      binder.bind(statement);
      List<T> values = new ArrayList<>();
      long revision = 0;
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          revision = row.getLong(1);
          T value = reader.read(row);
          if (value != null) {
            values.add(value);
          }
        }
      }
      return new Loaded<>(values, revision);
    } catch (SQLException e) {
      throw new ServiceException(
          ErrorCode.READ_UNAVAILABLE, "the database does not answer", RETRY_AFTER, e);
    }
  }
}
