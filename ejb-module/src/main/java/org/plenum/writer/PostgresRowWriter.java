package org.plenum.writer;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.EntryKind;
import org.plenum.update.Update;
import org.plenum.writer.JdbcWriterLease.Fence;

/**
 * One statement for fence, entries and log, whatever the number of rows: each column travels as one
 * array. The rows hang on the fence's row: when another epoch holds the lease there is none, so
 * nothing is written, and while the transaction lasts the lease's row is locked. Against batched
 * inserts this saves three round trips and a parameter for each value.
 *
 * <p>The lock lasts as long as the transaction, and a process that is stopped in the middle of one
 * would keep the lease from every other node for as long as its connection looks alive. So the
 * transaction ends by itself when nothing is heard in it for a second less than the lease.
 */
final class PostgresRowWriter implements RowWriter {
  private static final String SQL =
      """
      WITH fence AS (
        UPDATE writer_lease SET expires_at = CURRENT_TIMESTAMP + INTERVAL '1 second' * ? WHERE id = 1 AND %s
        RETURNING epoch),
      r AS (
        SELECT fence.epoch, k.revision, k.group_id, k.seq, k.kind, k.actor_id, k.subject_id, k.target, k.no,
          TIMESTAMPTZ 'epoch' + INTERVAL '1 millisecond' * k.at AS at, k.client_id, k.request_hash, k.json
        FROM fence CROSS JOIN UNNEST(?::bigint[], ?::uuid[], ?::bigint[], ?::smallint[], ?::bigint[], ?::bigint[],
          ?::bigint[], ?::bigint[], ?::bigint[], ?::uuid[], ?::bigint[], ?::bytea[])
          AS k(revision, group_id, seq, kind, actor_id, subject_id, target, no, at, client_id, request_hash, json)),
      logged AS (
        INSERT INTO update_log (revision, epoch, group_id, seq, kind, actor_id, subject_id, target, no, at)
        SELECT revision, epoch, group_id, seq, kind, actor_id, subject_id, target, no, at FROM r),
      entered AS (
        INSERT INTO timeline_entry (group_id, seq, kind, actor_id, subject_id, target_seq, no, at, client_id, request_hash, json)
        SELECT group_id, seq, kind, actor_id, subject_id, NULLIF(target, 0), no, at, client_id, request_hash, json
        FROM r WHERE kind <> %d)
      SELECT set_config('idle_in_transaction_session_timeout', ?, true) FROM fence
      """
          .formatted(Fence.SQL, EntryKind.READ_MARKED.code());

  /** The rows by column, in types that the driver sends in binary form, ids excepted. */
  private static final class Columns {
    final Long[] revision;
    final Object[] group;
    final Long[] seq;
    final Short[] kind;
    final Long[] actor;
    final Long[] subject;
    final Long[] target;
    final Long[] no;
    final Long[] at;
    final @Nullable Object[] clientId;
    final @Nullable Long[] requestHash;
    final byte[][] json;

    Columns(List<WriteBatch.Row> rows) {
      int size = rows.size();
      revision = new Long[size];
      group = new Object[size];
      seq = new Long[size];
      kind = new Short[size];
      actor = new Long[size];
      subject = new Long[size];
      target = new Long[size];
      no = new Long[size];
      at = new Long[size];
      clientId = new Object[size];
      requestHash = new Long[size];
      json = new byte[size][];
      for (int i = 0; i < size; i++) {
        set(i, rows.get(i));
      }
    }

    private void set(int i, WriteBatch.Row row) {
      Update update = row.update();
      revision[i] = update.revision();
      group[i] = update.group().value();
      seq[i] = update.seq();
      kind[i] = (short) update.kind().code();
      actor[i] = update.actorId();
      subject[i] = update.subjectId();
      target[i] = update.target();
      no[i] = update.no();
      at[i] = row.at().toEpochMilli();
      clientId[i] = row.clientId();
      requestHash[i] = row.requestHash();
      json[i] = update.json();
    }
  }

  private static String pause(int leaseSeconds) {
    return Long.toString(Math.max(1, leaseSeconds - 1) * 1_000L);
  }

  @Override
  public void boundPause(Connection connection, int leaseSeconds) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT set_config('idle_in_transaction_session_timeout', ?, true)")) {
      statement.setString(1, pause(leaseSeconds));
      statement.execute();
    }
  }

  @Override
  public boolean write(
      Connection connection, List<WriteBatch.Row> rows, Fence fence, int leaseSeconds)
      throws SQLException {
    Columns columns = new Columns(rows);
    try (PreparedStatement statement = connection.prepareStatement(SQL)) {
      statement.setInt(1, leaseSeconds);
      int next = fence.bind(statement, 2);
      statement.setArray(next++, connection.createArrayOf("bigint", columns.revision));
      statement.setArray(next++, connection.createArrayOf("uuid", columns.group));
      statement.setArray(next++, connection.createArrayOf("bigint", columns.seq));
      statement.setArray(next++, connection.createArrayOf("smallint", columns.kind));
      statement.setArray(next++, connection.createArrayOf("bigint", columns.actor));
      statement.setArray(next++, connection.createArrayOf("bigint", columns.subject));
      statement.setArray(next++, connection.createArrayOf("bigint", columns.target));
      statement.setArray(next++, connection.createArrayOf("bigint", columns.no));
      statement.setArray(next++, connection.createArrayOf("bigint", columns.at));
      statement.setArray(next++, connection.createArrayOf("uuid", columns.clientId));
      statement.setArray(next++, connection.createArrayOf("bigint", columns.requestHash));
      statement.setArray(next++, connection.createArrayOf("bytea", columns.json));
      statement.setString(next, pause(leaseSeconds));
      try (ResultSet held = statement.executeQuery()) {
        return held.next();
      }
    }
  }
}
