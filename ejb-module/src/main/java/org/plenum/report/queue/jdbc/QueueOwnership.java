package org.plenum.report.queue.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.QueueException.Reason;

/**
 * The row of a queue: who owns it, in which epoch, and until when by the clock of the database.
 * Each transaction that writes goes through {@link #fence}, so an owner that was taken over from
 * changes nothing. Opened by one thread and beaten by the flusher; the fence is for any thread.
 */
final class QueueOwnership {
  private static final String UNIQUE_VIOLATION = "23505";

  private final QueueTransactions transactions;
  private final JdbcOptions options;
  private volatile long epoch;
  private long beatAt = System.nanoTime();

  QueueOwnership(QueueTransactions transactions, JdbcOptions options) {
    this.transactions = transactions;
    this.options = options;
  }

  /** What the queue holds when it is taken. */
  record Taken(long first, long last) {}

  long epoch() {
    return epoch;
  }

  /** In each transaction that writes, and first: locks the row against a taker, or finds none. */
  void fence(Connection connection) throws SQLException {
    int rows =
        QueueTransactions.update(
            connection,
            "UPDATE report_queue SET epoch = epoch WHERE queue = ? AND epoch = ?",
            options.queue(),
            epoch);
    if (rows == 0) {
      throw new QueueException(
          Reason.FENCED,
          "another node took the queue %s over (this node had epoch %d)"
              .formatted(options.queue(), epoch));
    }
  }

  /** Makes the row of a queue that has none yet. */
  void makeRow() {
    String sql =
        """
        INSERT INTO report_queue (queue, epoch, owner, expires_at, first_seq, last_seq, last_letter)
        SELECT CAST(? AS VARCHAR(100)), 0, '', CURRENT_TIMESTAMP, 1, 0, 0
        WHERE NOT EXISTS (SELECT 1 FROM report_queue WHERE queue = ?)
        """;
    try {
      transactions.inTransaction(
          "the queue cannot be made",
          c -> QueueTransactions.update(c, sql, options.queue(), options.queue()));
    } catch (QueueException e) {
      boolean madeByAnother =
          e.getCause() instanceof SQLException cause
              && UNIQUE_VIOLATION.equals(cause.getSQLState());
      if (!madeByAnother) {
        throw e;
      }
    }
  }

  /**
   * Takes the queue over: raises the epoch.
   *
   * @throws QueueException IN_USE while the lease of another owner holds
   */
  Taken take(Connection connection) throws SQLException {
    Timestamp now;
    Taken taken;
    try (PreparedStatement query =
            QueueTransactions.prepare(
                connection,
                """
                SELECT epoch, owner, first_seq, last_seq, expires_at, CURRENT_TIMESTAMP
                FROM report_queue WHERE queue = ? FOR UPDATE
                """,
                options.queue());
        ResultSet row = query.executeQuery()) {
      row.next();
      now = row.getTimestamp(6);
      if (row.getTimestamp(5).after(now)) {
        throw new QueueException(
            Reason.IN_USE,
            "the queue %s is in use by node '%s' (epoch %d), for the time being until %s"
                .formatted(
                    options.queue(),
                    row.getString(2),
                    row.getLong(1),
                    row.getTimestamp(5).toInstant()));
      }
      epoch = row.getLong(1) + 1;
      taken = new Taken(row.getLong(3), row.getLong(4));
    }
    QueueTransactions.update(
        connection,
        "UPDATE report_queue SET epoch = ?, owner = ?, expires_at = ? WHERE queue = ?",
        epoch,
        options.owner(),
        later(now),
        options.queue());
    beatAt = System.nanoTime();
    return taken;
  }

  private Timestamp later(Timestamp now) {
    return Timestamp.from(now.toInstant().plus(options.lease()));
  }

  /** Renews the lease when a part of it is over. */
  void beat() {
    long now = System.nanoTime();
    if (now - beatAt < options.lease().toNanos() / 4) {
      return;
    }
    transactions.inTransaction(
        "the ownership was not renewed",
        connection -> {
          fence(connection);
          return expire(connection, true);
        });
    beatAt = now;
  }

  private int expire(Connection connection, boolean afterTheLease) throws SQLException {
    Timestamp now;
    try (PreparedStatement query =
            QueueTransactions.prepare(connection, "SELECT CURRENT_TIMESTAMP");
        ResultSet row = query.executeQuery()) {
      row.next();
      now = row.getTimestamp(1);
    }
    return QueueTransactions.update(
        connection,
        "UPDATE report_queue SET expires_at = ? WHERE queue = ? AND epoch = ?",
        afterTheLease ? later(now) : now,
        options.queue(),
        epoch);
  }

  /** Lets the lease end now. */
  void release() {
    transactions.inTransaction(
        "the ownership was not given back", connection -> expire(connection, false));
  }
}
