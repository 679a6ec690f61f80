package org.plenum.writer;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.plenum.writer.JdbcWriterLease.Fence;

/**
 * Writes the rows of a batch, entries and log, together with the fence, in the fewest round trips
 * that the database allows. Stateless and thread-safe.
 */
interface RowWriter {
  /**
   * Renews the lease and writes the rows in the caller's transaction.
   *
   * @return false when the fence does not hold; then nothing was written
   */
  boolean write(Connection connection, List<WriteBatch.Row> rows, Fence fence, int leaseSeconds)
      throws SQLException;

  /**
   * Called before the lease's row is locked outside of {@link #write}: should this process be
   * paused or its host lost in mid-transaction, the database gives the row free before the lease
   * runs out, so that the next writer need not wait for who does not come back. {@link #write} sees
   * to it too.
   */
  void boundPause(Connection connection, int leaseSeconds) throws SQLException;

  /** The writer for the database behind the connection. */
  static RowWriter of(Connection connection) throws SQLException {
    String product = connection.getMetaData().getDatabaseProductName();
    return product.equals("PostgreSQL") ? new PostgresRowWriter() : new BatchRowWriter();
  }
}
