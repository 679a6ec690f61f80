package org.plenum.report.queue.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.plenum.report.queue.Cursor;
import org.plenum.report.queue.DeadLetter;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.QueueException.Reason;
import org.plenum.report.queue.QueuedReport;
import org.plenum.report.queue.Report;
import org.plenum.report.queue.ReportStore;

/**
 * The storage of a queue in tables, for who has a database that is looked after better than any
 * disk of a node. Each write updates the row of the queue under its epoch, in the same transaction:
 * an owner that was taken over from finds no row and changes nothing. The epoch is raised by who
 * finds the lease run out, by the clock of the database.
 *
 * <p>The transactions are its own, so the data source is one that joins none. How long a statement
 * may take is the session's to say ({@code statement_timeout}, {@code QUERY_TIMEOUT}).
 */
public final class JdbcReportStore implements ReportStore {
  private static final System.Logger LOG = System.getLogger(JdbcReportStore.class.getName());
  private static final int FETCH = 256;
  private static final int MOST_READ = 4_096;
  private static final int SLICES_AT_ONCE = 16;

  private final JdbcOptions options;
  private final Clock clock;
  private final Slices slices;
  private final QueueTransactions transactions;
  private final QueueOwnership ownership;
  private final QueueLetters letters;
  private volatile long first = 1;
  private volatile long last;
  private volatile @Nullable Failure lastFailure;
  private boolean unsure;

  /** A queue of a database that has the tables; nothing is touched before it is opened. */
  public JdbcReportStore(DataSource database, JdbcOptions options, Clock clock) {
    this.options = options;
    this.clock = clock;
    this.slices = new Slices(options.sliceCount());
    this.transactions = new QueueTransactions(database, options.queue(), options.lease());
    this.ownership = new QueueOwnership(transactions, options);
    this.letters = new QueueLetters(transactions, ownership, options.queue());
  }

  @Override
  public Contents open() {
    ownership.makeRow();
    return transactions.inTransaction("the queue cannot be opened", this::take);
  }

  private Contents take(Connection connection) throws SQLException {
    QueueOwnership.Taken taken = ownership.take(connection);
    first = taken.first();
    last = taken.last();
    loadSlices(connection);
    letters.open(connection);
    return new Contents(first, last, loadCursors(connection));
  }

  private void loadSlices(Connection connection) throws SQLException {
    try (PreparedStatement query =
            QueueTransactions.prepare(
                connection,
                """
                SELECT seq / %d, SUM(weight), MAX(appended_at) FROM report_queue_entry
                WHERE queue = ? AND seq <= ? GROUP BY seq / %d
                """
                    .formatted(options.sliceCount(), options.sliceCount()),
                options.queue(),
                last);
        ResultSet row = query.executeQuery()) {
      while (row.next()) {
        slices.add(row.getLong(1), row.getLong(2), row.getLong(3));
      }
    }
  }

  private List<Cursor> loadCursors(Connection connection) throws SQLException {
    List<Cursor> cursors = new ArrayList<>();
    try (PreparedStatement query =
            QueueTransactions.prepare(
                connection,
                """
                SELECT consumer_group, acked, attempts FROM report_queue_cursor
                WHERE queue = ? ORDER BY consumer_group
                """,
                options.queue());
        ResultSet row = query.executeQuery()) {
      while (row.next()) {
        cursors.add(new Cursor(row.getString(1), row.getLong(2), row.getInt(3)));
      }
    }
    return cursors;
  }

  @Override
  public void append(List<QueuedReport> reports) {
    long from = reports.get(0).sequence();
    long to = reports.get(reports.size() - 1).sequence();
    if (from != last + 1) {
      throw new IllegalStateException("report " + from + " after " + last);
    }
    try {
      transactions.inTransaction(
          "reports were not written",
          connection -> {
            ownership.fence(connection);
            insert(connection, reports);
            return QueueTransactions.update(
                connection,
                "UPDATE report_queue SET last_seq = ? WHERE queue = ?",
                to,
                options.queue());
          });
    } catch (RuntimeException e) {
      unsure = true; // the commit may have been done all the same
      lastFailure = new Failure(clock.instant(), String.valueOf(e.getMessage()));
      throw e;
    }
    unsure = false;
    synchronized (slices) {
      for (QueuedReport report : reports) {
        slices.add(slices.of(report.sequence()), report.report().weight(), report.appendedAt());
      }
    }
    last = to;
  }

  private void insert(Connection connection, List<QueuedReport> reports) throws SQLException {
    if (unsure) { // nobody was told of these
      QueueTransactions.update(
          connection,
          "DELETE FROM report_queue_entry WHERE queue = ? AND seq > ?",
          options.queue(),
          last);
    }
    try (PreparedStatement insert =
        connection.prepareStatement(
            """
            INSERT INTO report_queue_entry
              (queue, seq, appended_at, weight, source, report_key, payload)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """)) {
      for (QueuedReport report : reports) {
        insert.setString(1, options.queue());
        insert.setLong(2, report.sequence());
        insert.setLong(3, report.appendedAt());
        insert.setLong(4, report.report().weight());
        insert.setString(5, report.report().source());
        insert.setString(6, report.report().key());
        insert.setBytes(7, report.report().payload());
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  @Override
  public List<QueuedReport> read(long from, int maxCount, long maxBytes) {
    long end = last;
    return transactions.inTransaction(
        "reports cannot be read",
        connection -> {
          List<QueuedReport> found = new ArrayList<>();
          try (PreparedStatement query =
              QueueTransactions.prepare(
                  connection,
                  """
                  SELECT seq, appended_at, source, report_key, payload FROM report_queue_entry
                  WHERE queue = ? AND seq >= ? AND seq <= ? ORDER BY seq FETCH FIRST %d ROWS ONLY
                  """
                      .formatted(Math.min(maxCount, MOST_READ)),
                  options.queue(),
                  from,
                  end)) {
            query.setFetchSize(FETCH);
            collect(query, from, maxBytes, found);
          }
          if (found.isEmpty()) {
            throw new QueueException(
                Reason.STORAGE_FAILED,
                "report %d is not stored in the queue %s, only %d to %d"
                    .formatted(from, options.queue(), first, end));
          }
          return found;
        });
  }

  private void collect(PreparedStatement query, long from, long maxBytes, List<QueuedReport> found)
      throws SQLException {
    long weight = 0;
    long expected = from;
    try (ResultSet row = query.executeQuery()) {
      while (row.next()) {
        QueuedReport report =
            new QueuedReport(
                row.getLong(1),
                row.getLong(2),
                new Report(row.getString(3), row.getString(4), row.getBytes(5)));
        if (report.sequence() != expected) {
          refuseGap(expected, report.sequence());
          return; // what was asked for has been given up
        }
        weight += report.report().weight();
        if (weight > maxBytes && !found.isEmpty()) {
          return;
        }
        found.add(report);
        expected++;
      }
    }
  }

  private void refuseGap(long expected, long found) {
    if (expected >= first) {
      throw new QueueException(
          Reason.DAMAGED,
          ("report %d is missing from the table report_queue_entry (queue %s), report %d is there;"
                  + " restore the table from a backup, or insert the missing ones with an empty"
                  + " source, the key 'lost-<seq>' and an empty payload to give them up")
              .formatted(expected, options.queue(), found));
    }
  }

  @Override
  public void saveCursors(Collection<Cursor> cursors) {
    transactions.inTransaction(
        "cursors were not written",
        connection -> {
          ownership.fence(connection);
          for (Cursor cursor : cursors) {
            save(connection, cursor);
          }
          return cursors.size();
        });
  }

  private void save(Connection connection, Cursor cursor) throws SQLException {
    int rows =
        QueueTransactions.update(
            connection,
            """
            UPDATE report_queue_cursor SET acked = ?, attempts = ?
            WHERE queue = ? AND consumer_group = ?
            """,
            cursor.acked(),
            cursor.attempts(),
            options.queue(),
            cursor.group());
    if (rows == 0) {
      QueueTransactions.update(
          connection,
          """
          INSERT INTO report_queue_cursor (queue, consumer_group, acked, attempts)
          VALUES (?, ?, ?, ?)
          """,
          options.queue(),
          cursor.group(),
          cursor.acked(),
          cursor.attempts());
    }
  }

  @Override
  public void removeCursor(String group) {
    transactions.inTransaction(
        "cursors were not written",
        connection -> {
          ownership.fence(connection);
          return QueueTransactions.update(
              connection,
              "DELETE FROM report_queue_cursor WHERE queue = ? AND consumer_group = ?",
              options.queue(),
              group);
        });
  }

  /** Whole slices, a few at a time: the flusher calls again soon. */
  @Override
  public void discard(long before) {
    for (int i = 0; i < SLICES_AT_ONCE; i++) {
      long end;
      synchronized (slices) {
        end = slices.endOfOldestBefore(before);
      }
      if (end == 0) {
        return;
      }
      transactions.inTransaction(
          "old reports were not removed",
          connection -> {
            ownership.fence(connection);
            QueueTransactions.update(
                connection,
                "UPDATE report_queue SET first_seq = ? WHERE queue = ?",
                end,
                options.queue());
            return QueueTransactions.update(
                connection,
                "DELETE FROM report_queue_entry WHERE queue = ? AND seq < ?",
                options.queue(),
                end);
          });
      first = end;
      synchronized (slices) {
        slices.removeOldest();
      }
    }
  }

  @Override
  public long horizon(Instant oldest, long maxBytes) {
    synchronized (slices) {
      return slices.horizon(oldest, maxBytes, last);
    }
  }

  @Override
  public long addDeadLetter(DeadLetter letter) {
    return letters.add(letter);
  }

  @Override
  public List<DeadLetter> deadLetters(long after, int most) {
    return letters.after(after, most);
  }

  @Override
  public int deadLetterCount() {
    return letters.count();
  }

  @Override
  public boolean removeDeadLetter(long id) {
    return letters.remove(id);
  }

  @Override
  public void tick() {
    ownership.beat();
  }

  @Override
  public View view() {
    synchronized (slices) {
      return new View(first, last, slices.weight(), slices.count(), ownership.epoch(), lastFailure);
    }
  }

  @Override
  public void close() {
    try {
      ownership.release();
    } catch (QueueException e) {
      LOG.log(System.Logger.Level.WARNING, "the lease runs out by itself", e);
    }
  }
}
