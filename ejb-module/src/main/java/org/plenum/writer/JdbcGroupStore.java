package org.plenum.writer;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.Membership;
import org.plenum.group.domain.MessageFacts;
import org.plenum.update.EntryCodec;
import org.plenum.writer.JdbcWriterLease.Fence;
import org.plenum.writer.StoreException.Fault;
import org.plenum.writer.WriteBatch.MemberKey;

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

  private final Transactions transactions;
  private final JdbcGroupReads reads;
  private final JdbcGroupWrites writes;
  private volatile @Nullable RowWriter rowWriter;

  /** Under which the lease was asked for last. */
  private volatile String holder = "";

  JdbcGroupStore(DataSource dataSource, Transactions transactions, EntryCodec codec) {
    this.reads = new JdbcGroupReads(dataSource);
    this.transactions = transactions;
    this.writes = new JdbcGroupWrites(codec);
  }

  @Override
  public long acquire(String name, String url, int leaseSeconds) {
    holder = name;
    return inNew(
        connection -> {
          rowWriter(connection).boundPause(connection, leaseSeconds);
          return JdbcWriterLease.acquire(connection, name, url, leaseSeconds);
        });
  }

  @Override
  public boolean renew(long epoch, long revision, int leaseSeconds) {
    return inNew(
        connection -> {
          rowWriter(connection).boundPause(connection, leaseSeconds);
          Fence fence = new Fence(epoch, holder, revision);
          return JdbcWriterLease.fence(connection, fence, leaseSeconds);
        });
  }

  @Override
  public void release(long epoch) {
    inNew(connection -> JdbcWriterLease.release(connection, epoch, holder));
  }

  @Override
  public long lastRevision() {
    return reads.lastRevision();
  }

  @Override
  public Map<GroupId, GroupState> groups(Collection<GroupId> ids) {
    return reads.groups(ids);
  }

  @Override
  public Map<MemberKey, Membership> members(Collection<MemberKey> keys) {
    return reads.members(keys);
  }

  @Override
  public Map<EntryKey, MessageFacts> messages(Collection<EntryKey> keys) {
    return reads.messages(keys);
  }

  @Override
  public Map<EntryKey, Long> numbers(Collection<EntryKey> keys) {
    return reads.numbers(keys);
  }

  @Override
  public Map<UUID, Earlier> byClientIds(Collection<UUID> ids) {
    return reads.byClientIds(ids);
  }

  @Override
  public Set<String> takenKeys(Collection<String> keys) {
    return reads.takenKeys(keys);
  }

  @Override
  public Instant now() {
    return reads.now();
  }

  @Override
  public Collection<Trim> trims(Instant now, int limit) {
    return reads.trims(now, limit);
  }

  @Override
  public void commit(WriteBatch batch, long epoch, int leaseSeconds) {
    long before = batch.rows.getFirst().update().revision() - 1;
    Fence fence = new Fence(epoch, holder, before);
    inNew(
        connection -> {
          // The fence comes first in any case: it locks the lease until the commit.
          if (!batch.hasRowsOnly()) {
            rowWriter(connection).boundPause(connection, leaseSeconds);
            hold(JdbcWriterLease.fence(connection, fence, leaseSeconds), epoch);
            JdbcGroupWrites.writeGroups(connection, batch);
          }
          hold(rowWriter(connection).write(connection, batch.rows, fence, leaseSeconds), epoch);
          writes.changeEntries(connection, batch);
          return batch.rows.size();
        });
  }

  private static void hold(boolean held, long epoch) {
    if (!held) {
      throw new StoreException(
          Fault.FENCED,
          "epoch " + epoch + " no longer holds the lease, or the database lost updates",
          null);
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
              JdbcRows.number(connection, "SELECT COALESCE(MIN(revision), 0) FROM update_log")
                  + limit;
          try (PreparedStatement select = JdbcRows.prepare(connection, kept);
              PreparedStatement statement = JdbcRows.prepare(connection, sql)) {
            select.setLong(1, end);
            select.setLong(2, end);
            select.setObject(3, JdbcRows.utc(before));
            select.setObject(4, JdbcRows.utc(now));
            try (ResultSet row = select.executeQuery()) {
              row.next();
              statement.setLong(1, row.getLong(1));
            }
            return statement.executeUpdate();
          }
        });
  }

  private <T extends @Nullable Object> T inNew(SqlWork<T> work) {
    try {
      return transactions.inNew(connection -> work.owned(connection));
    } catch (StoreException e) {
      throw e;
    } catch (RuntimeException e) {
      // The container commits after the work: a fault there leaves the outcome unknown.
      throw new StoreException(Fault.UNAVAILABLE, "the transaction's outcome is unknown", e);
    }
  }
}
