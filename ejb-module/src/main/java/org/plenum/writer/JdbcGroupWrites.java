package org.plenum.writer;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.function.Function;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.Membership;
import org.plenum.update.EntryCodec;
import org.plenum.writer.WriteBatch.Amendment;
import org.plenum.writer.WriteBatch.MemberKey;
import org.plenum.writer.WriteBatch.MemberWrite;

/**
 * The rows of a batch beside its entries and its log, for which there is {@link RowWriter}: groups,
 * memberships, and what edits, recalls and trims change of older entries. Stateless and
 * thread-safe; the transaction is the caller's.
 */
final class JdbcGroupWrites {
  private final EntryCodec codec;

  JdbcGroupWrites(EntryCodec codec) {
    this.codec = codec;
  }

  /** Writes groups and memberships; before the entries, which refer to their group. */
  static void writeGroups(Connection connection, WriteBatch batch) throws SQLException {
    insertGroups(connection, batch.newGroups.values());
    updateGroups(connection, batch);
    writeMembers(connection, batch.members);
  }

  /** Changes and removes older entries; after the entries, which may be among them. */
  void changeEntries(Connection connection, WriteBatch batch) throws SQLException {
    for (Amendment amendment : batch.amendments) {
      amend(connection, amendment);
    }
    trimEntries(connection, batch);
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
    try (PreparedStatement statement = JdbcRows.prepare(connection, sql)) {
      for (GroupState group : groups) {
        settings(statement, group);
        statement.setString(10, group.key());
        statement.setObject(11, JdbcRows.utc(group.createdAt()));
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
    try (PreparedStatement statement = JdbcRows.prepare(connection, sql)) {
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
            JdbcRows.prepare(
                connection,
                """
                INSERT INTO membership (account_name, status, role, muted_until, since, read_seq, read_no, group_id, account_id)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """);
        PreparedStatement update =
            JdbcRows.prepare(
                connection,
                """
                UPDATE membership SET account_name = ?, status = ?, role = ?, muted_until = ?, since = ?, read_seq = ?, read_no = ?
                WHERE group_id = ? AND account_id = ?
                """);
        PreparedStatement delete =
            JdbcRows.prepare(
                connection, "DELETE FROM membership WHERE group_id = ? AND account_id = ?")) {
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
      statement.setObject(4, JdbcRows.utc(muted));
    }
    statement.setObject(5, JdbcRows.utc(member.since()));
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
            JdbcRows.prepare(
                connection,
                "SELECT seq, json FROM timeline_entry WHERE group_id = ? AND " + where);
        PreparedStatement update =
            JdbcRows.prepare(
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
            JdbcRows.prepare(
                connection, "DELETE FROM timeline_entry WHERE group_id = ? AND seq <= ?")) {
          statement.setObject(1, row.update().group().value());
          statement.setLong(2, row.update().target());
          statement.executeUpdate();
        }
      }
    }
  }
}
