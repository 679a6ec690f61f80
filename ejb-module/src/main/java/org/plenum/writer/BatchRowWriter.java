package org.plenum.writer;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.ZoneOffset;
import java.util.List;
import org.plenum.group.api.EntryKind;
import org.plenum.update.Update;
import org.plenum.writer.JdbcWriterLease.Fence;

/**
 * The fence, then a batch of inserts for each table: for every database that takes JDBC batches.
 */
final class BatchRowWriter implements RowWriter {
  @Override
  public boolean write(
      Connection connection, List<WriteBatch.Row> rows, Fence fence, int leaseSeconds)
      throws SQLException {
    if (!JdbcWriterLease.fence(connection, fence, leaseSeconds)) {
      return false;
    }
    insertEntries(connection, rows);
    insertLog(connection, rows);
    return true;
  }

  @Override
  public void boundPause(Connection connection, int leaseSeconds) {
    // The embedded database is this process: nobody outlives it who could wait for the row.
  }

  private static void insertEntries(Connection connection, List<WriteBatch.Row> rows)
      throws SQLException {
    String sql =
        """
        INSERT INTO timeline_entry (group_id, seq, kind, actor_id, subject_id, target_seq, no, at, client_id, request_hash, json)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      int count = 0;
      for (WriteBatch.Row row : rows) {
        Update update = row.update();
        if (update.kind() == EntryKind.READ_MARKED) {
          continue;
        }
        statement.setObject(1, update.group().value());
        statement.setLong(2, update.seq());
        statement.setShort(3, (short) update.kind().code());
        statement.setLong(4, update.actorId());
        statement.setLong(5, update.subjectId());
        if (update.target() == 0) {
          statement.setNull(6, Types.BIGINT);
        } else {
          statement.setLong(6, update.target());
        }
        statement.setLong(7, update.no());
        statement.setObject(8, row.at().atOffset(ZoneOffset.UTC));
        statement.setObject(9, row.clientId(), Types.OTHER);
        Long hash = row.requestHash();
        if (hash == null) {
          statement.setNull(10, Types.BIGINT);
        } else {
          statement.setLong(10, hash);
        }
        statement.setBytes(11, update.json());
        statement.addBatch();
        count++;
      }
      if (count > 0) {
        statement.executeBatch();
      }
    }
  }

  private static void insertLog(Connection connection, List<WriteBatch.Row> rows)
      throws SQLException {
    String sql =
        """
        INSERT INTO update_log (revision, epoch, group_id, seq, kind, actor_id, subject_id, target, no, at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (WriteBatch.Row row : rows) {
        Update update = row.update();
        statement.setLong(1, update.revision());
        statement.setLong(2, update.epoch());
        statement.setObject(3, update.group().value());
        statement.setLong(4, update.seq());
        statement.setShort(5, (short) update.kind().code());
        statement.setLong(6, update.actorId());
        statement.setLong(7, update.subjectId());
        statement.setLong(8, update.target());
        statement.setLong(9, update.no());
        statement.setObject(10, row.at().atOffset(ZoneOffset.UTC));
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }
}
