package org.plenum.writer;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
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
import org.plenum.group.domain.MessageFacts;
import org.plenum.writer.GroupStore.Earlier;
import org.plenum.writer.GroupStore.EntryKey;
import org.plenum.writer.GroupStore.Trim;
import org.plenum.writer.WriteBatch.MemberKey;

/**
 * All that the writer reads: each kind in one round trip, on a connection of its own and outside of
 * any transaction. Thread-safe.
 */
final class JdbcGroupReads {
  /** Entries of one group removed in one transaction. */
  private static final int TRIM_STEP = 500;

  private static final String KEYS =
      "UNNEST(CAST(? AS UUID ARRAY), CAST(? AS BIGINT ARRAY)) AS k(group_id, num)";

  private final DataSource dataSource;

  JdbcGroupReads(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  long lastRevision() {
    return read(
        connection ->
            JdbcRows.number(connection, "SELECT COALESCE(MAX(revision), 0) FROM update_log"));
  }

  Map<GroupId, GroupState> groups(Collection<GroupId> ids) {
    if (ids.isEmpty()) {
      return Map.of();
    }
    String sql =
        """
        SELECT g.id, g.type, g.name, g.topic, g.posting_rule, g.retention_days, g.group_key, g.status, g.owner_id,
          g.member_count, g.first_seq, g.created_at,
          (SELECT e.seq FROM timeline_entry e WHERE e.group_id = g.id ORDER BY e.seq DESC FETCH FIRST 1 ROW ONLY),
          (SELECT e.no FROM timeline_entry e WHERE e.group_id = g.id ORDER BY e.seq DESC FETCH FIRST 1 ROW ONLY)
        FROM UNNEST(CAST(? AS UUID ARRAY)) AS k(id) JOIN chat_group g ON g.id = k.id
        """;
    return read(
        connection -> {
          Map<GroupId, GroupState> found = new HashMap<>();
          try (PreparedStatement statement = JdbcRows.prepare(connection, sql)) {
            statement.setArray(
                1, JdbcRows.array(connection, "uuid", ids.stream().map(GroupId::value).toArray()));
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                GroupState state = group(row);
                found.put(state.id(), state);
              }
            }
          }
          return found;
        });
  }

  private static GroupState group(ResultSet row) throws SQLException {
    return new GroupState(
        new GroupId(row.getObject(1, UUID.class)),
        new GroupEvent.Settings(
            GroupType.valueOf(row.getString(2)),
            row.getString(3),
            row.getString(4),
            PostingRule.valueOf(row.getString(5)),
            row.getInt(6)),
        row.getString(7),
        GroupStatus.valueOf(row.getString(8)),
        row.getLong(9),
        row.getInt(10),
        row.getLong(13),
        row.getLong(14),
        row.getLong(11),
        JdbcRows.instant(row, 12));
  }

  Map<MemberKey, Membership> members(Collection<MemberKey> keys) {
    String sql =
        """
        SELECT m.group_id, m.account_id, m.account_name, m.status, m.role, m.muted_until, m.since, m.read_seq, m.read_no
        FROM %s JOIN membership m ON m.group_id = k.group_id AND m.account_id = k.num
        """
            .formatted(KEYS);
    Map<MemberKey, Membership> found = new HashMap<>();
    pairs(
        sql,
        keys,
        key -> key.group().value(),
        MemberKey::account,
        row -> {
          GroupId group = new GroupId(row.getObject(1, UUID.class));
          OffsetDateTime muted = row.getObject(6, OffsetDateTime.class);
          long account = row.getLong(2);
          found.put(
              new MemberKey(group, account),
              new Membership(
                  group,
                  new Actor(account, row.getString(3)),
                  MemberStatus.valueOf(row.getString(4)),
                  Role.valueOf(row.getString(5)),
                  muted == null ? null : muted.toInstant(),
                  JdbcRows.instant(row, 7),
                  row.getLong(8),
                  row.getLong(9)));
        });
    return found;
  }

  Map<EntryKey, MessageFacts> messages(Collection<EntryKey> keys) {
    String sql =
        """
        SELECT e.group_id, e.seq, e.kind, e.actor_id, EXISTS (SELECT 1 FROM timeline_entry r
          WHERE r.group_id = e.group_id AND r.target_seq = e.seq AND r.kind = %d)
        FROM %s JOIN timeline_entry e ON e.group_id = k.group_id AND e.seq = k.num
        """
            .formatted(EntryKind.MESSAGE_RECALLED.code(), KEYS);
    Map<EntryKey, MessageFacts> found = new HashMap<>();
    entries(
        sql,
        keys,
        row ->
            found.put(
                key(row),
                new MessageFacts(
                    row.getLong(2),
                    EntryKind.ofCode(row.getInt(3)),
                    row.getLong(4),
                    row.getBoolean(5))));
    return found;
  }

  Map<EntryKey, Long> numbers(Collection<EntryKey> keys) {
    String sql =
        "SELECT e.group_id, e.seq, e.no FROM %s JOIN timeline_entry e ON e.group_id = k.group_id AND e.seq = k.num"
            .formatted(KEYS);
    Map<EntryKey, Long> found = new HashMap<>();
    entries(sql, keys, row -> found.put(key(row), row.getLong(3)));
    return found;
  }

  private static EntryKey key(ResultSet row) throws SQLException {
    return new EntryKey(new GroupId(row.getObject(1, UUID.class)), row.getLong(2));
  }

  Map<UUID, Earlier> byClientIds(Collection<UUID> ids) {
    if (ids.isEmpty()) {
      return Map.of();
    }
    String sql =
        """
        SELECT e.client_id, e.group_id, e.seq, e.no, e.at, e.request_hash
        FROM UNNEST(CAST(? AS UUID ARRAY)) AS k(id) JOIN timeline_entry e ON e.client_id = k.id
        """;
    return read(
        connection -> {
          Map<UUID, Earlier> found = new HashMap<>();
          try (PreparedStatement statement = JdbcRows.prepare(connection, sql)) {
            statement.setArray(1, JdbcRows.array(connection, "uuid", ids.toArray()));
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                found.put(
                    row.getObject(1, UUID.class),
                    new Earlier(
                        new GroupId(row.getObject(2, UUID.class)),
                        row.getLong(3),
                        row.getLong(4),
                        JdbcRows.instant(row, 5),
                        row.getLong(6)));
              }
            }
          }
          return found;
        });
  }

  Set<String> takenKeys(Collection<String> keys) {
    Set<String> taken = new HashSet<>();
    if (keys.isEmpty()) {
      return taken;
    }
    return read(
        connection -> {
          try (PreparedStatement statement =
              JdbcRows.prepare(connection, "SELECT 1 FROM chat_group WHERE group_key = ?")) {
            for (String key : keys) {
              statement.setString(1, key);
              try (ResultSet row = statement.executeQuery()) {
                if (row.next()) {
                  taken.add(key);
                }
              }
            }
          }
          return taken;
        });
  }

  Instant now() {
    return read(
        connection -> {
          try (PreparedStatement statement =
                  JdbcRows.prepare(connection, "SELECT CURRENT_TIMESTAMP");
              ResultSet row = statement.executeQuery()) {
            row.next();
            return JdbcRows.instant(row, 1);
          }
        });
  }

  Collection<Trim> trims(Instant now, int limit) {
    String groups =
        """
        SELECT g.id, g.retention_days, g.first_seq
        FROM chat_group g JOIN timeline_entry e ON e.group_id = g.id AND e.seq = g.first_seq
        WHERE g.retention_days > 0 AND g.status <> 'DISSOLVED'
          AND e.at < CAST(? AS TIMESTAMP WITH TIME ZONE) - INTERVAL '1' DAY * g.retention_days
          AND EXISTS (SELECT 1 FROM timeline_entry n WHERE n.group_id = g.id AND n.seq > e.seq)
        FETCH FIRST %d ROWS ONLY
        """
            .formatted(limit);
    String last =
        """
        SELECT MAX(seq) FROM timeline_entry
        WHERE group_id = ? AND seq < (SELECT MAX(seq) FROM timeline_entry WHERE group_id = ?) AND seq < ? AND at < ?
        """;
    return read(
        connection -> {
          List<Trim> trims = new ArrayList<>();
          try (PreparedStatement statement = JdbcRows.prepare(connection, groups);
              PreparedStatement inner = JdbcRows.prepare(connection, last)) {
            statement.setObject(1, JdbcRows.utc(now));
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                UUID id = row.getObject(1, UUID.class);
                long first = row.getLong(3);
                inner.setObject(1, id);
                inner.setObject(2, id);
                inner.setLong(3, first + TRIM_STEP);
                inner.setObject(4, JdbcRows.utc(now.minus(Duration.ofDays(row.getInt(2)))));
                try (ResultSet found = inner.executeQuery()) {
                  if (found.next() && found.getLong(1) >= first) {
                    trims.add(new Trim(new GroupId(id), found.getLong(1)));
                  }
                }
              }
            }
          }
          return trims;
        });
  }

  private void entries(String sql, Collection<EntryKey> keys, RowReader reader) {
    pairs(sql, keys, key -> key.group().value(), EntryKey::seq, reader);
  }

  private <K> void pairs(
      String sql,
      Collection<K> keys,
      Function<K, UUID> group,
      Function<K, Long> number,
      RowReader reader) {
    if (keys.isEmpty()) {
      return;
    }
    read(
        connection -> {
          try (PreparedStatement statement = JdbcRows.prepare(connection, sql)) {
            statement.setArray(
                1, JdbcRows.array(connection, "uuid", keys.stream().map(group).toArray()));
            statement.setArray(
                2, JdbcRows.array(connection, "bigint", keys.stream().map(number).toArray()));
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                reader.read(row);
              }
            }
          }
          return keys.size();
        });
  }

  @FunctionalInterface
  private interface RowReader {
    void read(ResultSet row) throws SQLException;
  }

  private <T extends @Nullable Object> T read(SqlWork<T> work) {
    try (Connection connection = dataSource.getConnection()) {
      return work.owned(connection);
    } catch (SQLException e) {
      throw StoreException.of(e);
    }
  }
}
