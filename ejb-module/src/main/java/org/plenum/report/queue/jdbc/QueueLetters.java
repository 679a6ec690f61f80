package org.plenum.report.queue.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.plenum.report.queue.DeadLetter;
import org.plenum.report.queue.QueuedReport;
import org.plenum.report.queue.Report;
import org.plenum.report.queue.ReportStore;

/**
 * The reports that a consumer group set aside, in a table. The queue's flusher and administrators
 * call it, from any thread; the database keeps them apart.
 */
final class QueueLetters {
  private static final int FETCH = 256;
  private static final int MOST_READ = 4_096;
  private static final int MAX_REASON = 1_000;

  private final QueueTransactions transactions;
  private final QueueOwnership ownership;
  private final String queue;

  /** Counts, in the order in which they were taken under the queue's row. */
  private final AtomicLong counts = new AtomicLong();

  private volatile Counted counted = new Counted(0, 0);

  QueueLetters(QueueTransactions transactions, QueueOwnership ownership, String queue) {
    this.transactions = transactions;
    this.ownership = ownership;
    this.queue = queue;
  }

  /** Counts what is there; in the transaction that takes the queue. */
  void open(Connection connection) throws SQLException {
    learn(counted(connection));
  }

  int count() {
    return counted.letters();
  }

  /** How many letters there were after the transaction that has this place in their order. */
  private record Counted(long order, int letters) {}

  private record Added(long id, Counted counted) {}

  /**
   * Counts within a transaction that holds the queue's row to its end, so that the counts have the
   * order of the commits.
   */
  private Counted counted(Connection connection) throws SQLException {
    return new Counted(counts.incrementAndGet(), count(connection));
  }

  /** After the commit, when another thread may have learned of a later one. */
  private synchronized void learn(Counted now) {
    if (now.order() > counted.order()) {
      counted = now;
    }
  }

  /** Keeps a letter, once for a group and a report: its id. */
  long add(DeadLetter letter) {
    Added added =
        transactions.inTransaction(
            "a dead letter was not written",
            connection -> {
              ownership.fence(connection);
              long known =
                  QueueTransactions.number(
                      connection,
                      """
                      SELECT COALESCE(MAX(id), 0) FROM report_queue_letter
                      WHERE queue = ? AND consumer_group = ? AND seq = ?
                      """,
                      queue,
                      letter.group(),
                      letter.report().sequence());
              long id = known > 0 ? known : insert(connection, letter);
              return new Added(id, counted(connection));
            });
    learn(added.counted());
    return added.id();
  }

  private int count(Connection connection) throws SQLException {
    return (int)
        QueueTransactions.number(
            connection, "SELECT COUNT(*) FROM report_queue_letter WHERE queue = ?", queue);
  }

  private long insert(Connection connection, DeadLetter letter) throws SQLException {
    QueueTransactions.update(
        connection, "UPDATE report_queue SET last_letter = last_letter + 1 WHERE queue = ?", queue);
    long id =
        QueueTransactions.number(
            connection, "SELECT last_letter FROM report_queue WHERE queue = ?", queue);
    Report report = letter.report().report();
    String reason = letter.reason();
    QueueTransactions.update(
        connection,
        """
        INSERT INTO report_queue_letter (queue, id, consumer_group, seq, appended_at, weight,
          source, report_key, payload, reason, attempts, set_aside_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        queue,
        id,
        letter.group(),
        letter.report().sequence(),
        letter.report().appendedAt(),
        report.weight(),
        report.source(),
        report.key(),
        report.payload(),
        reason.substring(0, Math.min(reason.length(), MAX_REASON)),
        letter.attempts(),
        letter.at().toEpochMilli());
    return id;
  }

  /** The letters after this id, oldest first. */
  List<DeadLetter> after(long after, int most) {
    return transactions.inTransaction(
        "dead letters cannot be read",
        connection -> {
          List<DeadLetter> found = new ArrayList<>();
          try (PreparedStatement query =
              QueueTransactions.prepare(
                  connection,
                  """
                  SELECT id, consumer_group, seq, appended_at, source, report_key, payload, reason,
                         attempts, set_aside_at
                  FROM report_queue_letter WHERE queue = ? AND id > ? ORDER BY id
                  FETCH FIRST %d ROWS ONLY
                  """
                      .formatted(Math.min(most, MOST_READ)),
                  queue,
                  after)) {
            query.setFetchSize(FETCH);
            collect(query, found);
          }
          return found;
        });
  }

  private static void collect(PreparedStatement query, List<DeadLetter> found) throws SQLException {
    long weight = 0;
    try (ResultSet row = query.executeQuery()) {
      while (row.next()) {
        Report report = new Report(row.getString(5), row.getString(6), row.getBytes(7));
        weight += report.weight();
        if (weight > ReportStore.LETTER_PAGE_BYTES && !found.isEmpty()) {
          return;
        }
        found.add(
            new DeadLetter(
                row.getLong(1),
                row.getString(2),
                new QueuedReport(row.getLong(3), row.getLong(4), report),
                row.getString(8),
                row.getInt(9),
                Instant.ofEpochMilli(row.getLong(10))));
      }
    }
  }

  private record Removed(boolean found, Counted counted) {}

  /** Removes a letter; false when there is none of this id. */
  boolean remove(long id) {
    Removed removed =
        transactions.inTransaction(
            "a dead letter was not removed",
            connection -> {
              ownership.fence(connection);
              boolean found =
                  QueueTransactions.update(
                          connection,
                          "DELETE FROM report_queue_letter WHERE queue = ? AND id = ?",
                          queue,
                          id)
                      > 0;
              return new Removed(found, counted(connection));
            });
    learn(removed.counted());
    return removed.found();
  }
}
