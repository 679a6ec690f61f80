package org.plenum.writer;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
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
import org.plenum.update.EntryCodec;
import org.plenum.writer.StoreException.Fault;
import org.plenum.writer.WriteBatch.Amendment;
import org.plenum.writer.WriteBatch.MemberKey;
import org.plenum.writer.WriteBatch.MemberWrite;

/**
 * Plain JDBC on H2 and PostgreSQL: on this path every statement is a batch or reads all that a
 * batch needs in one round trip. The transaction is the caller's, by {@link Transactions}. How long
 * a statement may take is a setting of the session (see domain-config): a timeout for each
 * statement costs a timer each, which was 30 % of the writer's time.
 */
final class JdbcGroupStore implements GroupStore {
  /** Runs work in a transaction of its own; a thrown exception rolls it back. */
  interface Transactions {
    /** The answer of the work, after the commit. */
    <T extends @Nullable Object> T inNew(SqlWork<T> work);
  }

  /** Entries of one group removed in one transaction. */
  private static final int TRIM_STEP = 500;

  private static final String KEYS =
      "UNNEST(CAST(? AS UUID ARRAY), CAST(? AS BIGINT ARRAY)) AS k(group_id, num)";

  private final DataSource dataSource;
  private final Transactions transactions;
  private final EntryCodec codec;
  private volatile @Nullable RowWriter rowWriter;

  JdbcGroupStore(DataSource dataSource, Transactions transactions, EntryCodec codec) {
    this.dataSource = dataSource;
    this.transactions = transactions;
    this.codec = codec;
  }

  @Override
  public long acquire(String holder, String url, int leaseSeconds) {
    return inNew(
        connection -> {
          rowWriter(connection).boundPause(connection, leaseSeconds);
          String take =
              "UPDATE writer_lease SET epoch = epoch + 1, holder = ?, url = ?, expires_at = "
                  + end(leaseSeconds)
                  + " WHERE id = 1 AND (expires_at < CURRENT_TIMESTAMP OR holder = ?)";
          try (PreparedStatement statement = prepare(connection, take)) {
            statement.setString(1, holder);
            statement.setString(2, url);
            statement.setString(3, holder);
            if (statement.executeUpdate() == 0) {
              return 0L;
            }
          }
          return number(connection, "SELECT epoch FROM writer_lease WHERE id = 1");
        });
  }

  @Override
  public boolean renew(long epoch, int leaseSeconds) {
    return inNew(
        connection -> {
          rowWriter(connection).boundPause(connection, leaseSeconds);
          return fence(connection, epoch, leaseSeconds);
        });
  }

  @Override
  public void release(long epoch) {
    inNew(
        connection -> {
          try (PreparedStatement statement =
              prepare(
                  connection,
                  "UPDATE writer_lease SET expires_at = CURRENT_TIMESTAMP WHERE id = 1 AND epoch ="
                      + " ?")) {
            statement.setLong(1, epoch);
            return statement.executeUpdate();
          }
        });
  }

  @Override
  public long lastRevision() {
    return read(
        connection -> number(connection, "SELECT COALESCE(MAX(revision), 0) FROM update_log"));
  }

  @Override
  public Map<GroupId, GroupState> groups(Collection<GroupId> ids) {
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
          try (PreparedStatement statement = prepare(connection, sql)) {
            statement.setArray(
                1, array(connection, "uuid", ids.stream().map(GroupId::value).toArray()));
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
        instant(row, 12));
  }

  @Override
  public Map<MemberKey, Membership> members(Collection<MemberKey> keys) {
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
                  instant(row, 7),
                  row.getLong(8),
                  row.getLong(9)));
        });
    return found;
  }

  @Override
  public Map<EntryKey, MessageFacts> messages(Collection<EntryKey> keys) {
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

  @Override
  public Map<EntryKey, Long> numbers(Collection<EntryKey> keys) {
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

  @Override
  public Map<UUID, Earlier> byClientIds(Collection<UUID> ids) {
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
          try (PreparedStatement statement = prepare(connection, sql)) {
            statement.setArray(1, array(connection, "uuid", ids.toArray()));
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                found.put(
                    row.getObject(1, UUID.class),
                    new Earlier(
                        new GroupId(row.getObject(2, UUID.class)),
                        row.getLong(3),
                        row.getLong(4),
                        instant(row, 5),
                        row.getLong(6)));
              }
            }
          }
          return found;
        });
  }

  @Override
  public Set<String> takenKeys(Collection<String> keys) {
    Set<String> taken = new HashSet<>();
    if (keys.isEmpty()) {
      return taken;
    }
    return read(
        connection -> {
          try (PreparedStatement statement =
              prepare(connection, "SELECT 1 FROM chat_group WHERE group_key = ?")) {
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

  @Override
  public Instant now() {
    return read(
        connection -> {
          try (PreparedStatement statement = prepare(connection, "SELECT CURRENT_TIMESTAMP");
              ResultSet row = statement.executeQuery()) {
            row.next();
            return instant(row, 1);
          }
        });
  }

  @Override
  public Collection<Trim> trims(Instant now, int limit) {
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
          try (PreparedStatement statement = prepare(connection, groups);
              PreparedStatement inner = prepare(connection, last)) {
            statement.setObject(1, utc(now));
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                UUID id = row.getObject(1, UUID.class);
                long first = row.getLong(3);
                inner.setObject(1, id);
                inner.setObject(2, id);
                inner.setLong(3, first + TRIM_STEP);
                inner.setObject(4, utc(now.minus(Duration.ofDays(row.getInt(2)))));
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

  @Override
  public void commit(WriteBatch batch, long epoch, int leaseSeconds) {
    inNew(
        connection -> {
          // The fence comes first in any case: it locks the lease until the commit.
          if (!batch.hasRowsOnly()) {
            rowWriter(connection).boundPause(connection, leaseSeconds);
            hold(fence(connection, epoch, leaseSeconds), epoch);
            insertGroups(connection, batch.newGroups.values());
            updateGroups(connection, batch);
            writeMembers(connection, batch.members);
          }
          hold(rowWriter(connection).write(connection, batch.rows, epoch, leaseSeconds), epoch);
          for (Amendment amendment : batch.amendments) {
            amend(connection, amendment);
          }
          trimEntries(connection, batch);
          return batch.rows.size();
        });
  }

  private static void hold(boolean held, long epoch) {
    if (!held) {
      throw new StoreException(Fault.FENCED, "epoch " + epoch + " no longer holds the lease", null);
    }
  }

  private RowWriter rowWriter(Connection connection) throws SQLException {
    RowWriter known = rowWriter;
    if (known == null) {
      known = RowWriter.of(connection);
      rowWriter = known;
    }
    return known;
  }

  static boolean fence(Connection connection, long epoch, int leaseSeconds) throws SQLException {
    String sql =
        "UPDATE writer_lease SET expires_at = " + end(leaseSeconds) + " WHERE id = 1 AND epoch = ?";
    try (PreparedStatement statement = prepare(connection, sql)) {
      statement.setLong(1, epoch);
      return statement.executeUpdate() == 1;
    }
  }

  private static String end(int leaseSeconds) {
    return "CURRENT_TIMESTAMP + INTERVAL '" + leaseSeconds + "' SECOND";
  }

  private static void insertGroups(Connection connection, Collection<GroupState> groups)
      throws SQLException {
    if (groups.isEmpty()) {
      return;
    }
    String sql =
        """
        INSERT INTO chat_group (type, name, topic, posting_rule, retention_days, status, owner_id, member_count, first_seq,
          group_key, created_at, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """;
    try (PreparedStatement statement = prepare(connection, sql)) {
      for (GroupState group : groups) {
        settings(statement, group);
        statement.setString(10, group.key());
        statement.setObject(11, utc(group.createdAt()));
        statement.setObject(12, group.id().value());
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  private static void updateGroups(Connection connection, WriteBatch batch) throws SQLException {
    if (batch.changedGroups.isEmpty()) {
      return;
    }
    String sql =
        """
        UPDATE chat_group SET type = ?, name = ?, topic = ?, posting_rule = ?, retention_days = ?, status = ?, owner_id = ?,
          member_count = ?, first_seq = ? WHERE id = ?
        """;
    try (PreparedStatement statement = prepare(connection, sql)) {
      for (GroupState group : batch.changedGroups.values()) {
        settings(statement, group);
        statement.setObject(10, group.id().value());
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  private static void settings(PreparedStatement statement, GroupState group) throws SQLException {
    statement.setString(1, group.settings().type().name());
    statement.setString(2, group.settings().name());
    statement.setString(3, group.settings().topic());
    statement.setString(4, group.settings().postingRule().name());
    statement.setInt(5, group.settings().retentionDays());
    statement.setString(6, group.status().name());
    statement.setLong(7, group.ownerId());
    statement.setInt(8, group.memberCount());
    statement.setLong(9, group.firstSeq());
  }

  private static void writeMembers(Connection connection, Map<MemberKey, MemberWrite> members)
      throws SQLException {
    if (members.isEmpty()) {
      return;
    }
    try (PreparedStatement insert =
            prepare(
                connection,
                """
                INSERT INTO membership (account_name, status, role, muted_until, since, read_seq, read_no, group_id, account_id)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """);
        PreparedStatement update =
            prepare(
                connection,
                """
                UPDATE membership SET account_name = ?, status = ?, role = ?, muted_until = ?, since = ?, read_seq = ?, read_no = ?
                WHERE group_id = ? AND account_id = ?
                """);
        PreparedStatement delete =
            prepare(connection, "DELETE FROM membership WHERE group_id = ? AND account_id = ?")) {
      int inserts = 0;
      int updates = 0;
      int deletes = 0;
      for (Map.Entry<MemberKey, MemberWrite> write : members.entrySet()) {
        Membership after = write.getValue().after();
        if (after == null) {
          if (write.getValue().existed()) {
            delete.setObject(1, write.getKey().group().value());
            delete.setLong(2, write.getKey().account());
            delete.addBatch();
            deletes++;
          }
        } else if (write.getValue().existed()) {
          member(update, after);
          updates++;
        } else {
          member(insert, after);
          inserts++;
        }
      }
      if (deletes > 0) {
        delete.executeBatch();
      }
      if (updates > 0) {
        update.executeBatch();
      }
      if (inserts > 0) {
        insert.executeBatch();
      }
    }
  }

  private static void member(PreparedStatement statement, Membership member) throws SQLException {
    statement.setString(1, member.account().name());
    statement.setString(2, member.status().name());
    statement.setString(3, member.role().name());
    Instant muted = member.mutedUntil();
    if (muted == null) {
      statement.setNull(4, Types.TIMESTAMP_WITH_TIMEZONE);
    } else {
      statement.setObject(4, utc(muted));
    }
    statement.setObject(5, utc(member.since()));
    statement.setLong(6, member.readSeq());
    statement.setLong(7, member.readNo());
    statement.setObject(8, member.group().value());
    statement.setLong(9, member.account().id());
    statement.addBatch();
  }

  /** Gives a message its new stored form; a recall also takes the texts out of its edits. */
  private void amend(Connection connection, Amendment amendment) throws SQLException {
    String text = amendment.text();
    if (text != null) {
      rewrite(connection, "seq = ?", amendment, json -> codec.edited(json, text, amendment.at()));
    } else {
      rewrite(connection, "seq = ?", amendment, json -> codec.recalled(json, amendment.at()));
      rewrite(
          connection,
          "target_seq = ? AND kind = " + EntryKind.MESSAGE_EDITED.code(),
          amendment,
          json -> codec.recalled(json, amendment.at()));
    }
  }

  private static void rewrite(
      Connection connection, String where, Amendment amendment, Function<byte[], byte[]> change)
      throws SQLException {
    try (PreparedStatement select =
            prepare(
                connection,
                "SELECT seq, json FROM timeline_entry WHERE group_id = ? AND " + where);
        PreparedStatement update =
            prepare(
                connection, "UPDATE timeline_entry SET json = ? WHERE group_id = ? AND seq = ?")) {
      select.setObject(1, amendment.group().value());
      select.setLong(2, amendment.target());
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          update.setBytes(1, change.apply(row.getBytes(2)));
          update.setObject(2, amendment.group().value());
          update.setLong(3, row.getLong(1));
          update.addBatch();
        }
      }
      update.executeBatch();
    }
  }

  private static void trimEntries(Connection connection, WriteBatch batch) throws SQLException {
    for (WriteBatch.Row row : batch.rows) {
      if (row.update().kind() == EntryKind.HISTORY_TRIMMED) {
        try (PreparedStatement statement =
            prepare(connection, "DELETE FROM timeline_entry WHERE group_id = ? AND seq <= ?")) {
          statement.setObject(1, row.update().group().value());
          statement.setLong(2, row.update().target());
          statement.executeUpdate();
        }
      }
    }
  }

  @Override
  public int trimLog(Instant before, Instant now, int limit) {
    // By revision, so that the log has no holes.
    String kept =
        "SELECT COALESCE(MIN(revision), ?) FROM update_log WHERE revision < ? AND at >= ? AND at <="
            + " ?";
    String sql =
        "DELETE FROM update_log WHERE revision < ? AND revision < (SELECT MAX(revision) FROM"
            + " update_log)";
    return inNew(
        connection -> {
          long end =
              number(connection, "SELECT COALESCE(MIN(revision), 0) FROM update_log") + limit;
          try (PreparedStatement select = prepare(connection, kept);
              PreparedStatement statement = prepare(connection, sql)) {
            select.setLong(1, end);
            select.setLong(2, end);
            select.setObject(3, utc(before));
            select.setObject(4, utc(now));
            try (ResultSet row = select.executeQuery()) {
              row.next();
              statement.setLong(1, row.getLong(1));
            }
            return statement.executeUpdate();
          }
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
          try (PreparedStatement statement = prepare(connection, sql)) {
            statement.setArray(1, array(connection, "uuid", keys.stream().map(group).toArray()));
            statement.setArray(2, array(connection, "bigint", keys.stream().map(number).toArray()));
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

  private <T extends @Nullable Object> T inNew(SqlWork<T> work) {
    try {
      return transactions.inNew(connection -> owned(work, connection));
    } catch (StoreException e) {
      throw e;
    } catch (RuntimeException e) {
      // The container commits after the work: a fault there leaves the outcome unknown.
      throw new StoreException(Fault.UNAVAILABLE, "the transaction's outcome is unknown", e);
    }
  }

  private <T extends @Nullable Object> T read(SqlWork<T> work) {
    try (Connection connection = dataSource.getConnection()) {
      return owned(work, connection);
    } catch (SQLException e) {
      throw StoreException.of(e);
    }
  }

  /** A row that cannot be understood is the fault of the command that needs it, not of all. */
  private static <T extends @Nullable Object> T owned(SqlWork<T> work, Connection connection)
      throws SQLException {
    try {
      return work.on(connection);
    } catch (StoreException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new StoreException(Fault.REFUSED, "a row could not be read or written: " + e, e);
    }
  }

  private static Array array(Connection connection, String type, Object[] values)
      throws SQLException {
    return connection.createArrayOf(type, values);
  }

  private static PreparedStatement prepare(Connection connection, String sql) throws SQLException {
    return connection.prepareStatement(sql);
  }

  private static long number(Connection connection, String sql) throws SQLException {
    try (PreparedStatement statement = prepare(connection, sql);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  private static OffsetDateTime utc(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }

  private static Instant instant(ResultSet row, int column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }
}
