package org.plenum.report.queue.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
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
  private static final int MAX_REASON = 1_000;
  private static final int SLICES_AT_ONCE = 16;
  private static final String UNIQUE_VIOLATION = "23505";

  private final DataSource database;
  private final JdbcOptions options;
  private final Clock clock;
  private final Slices slices;
  private final AtomicInteger letters = new AtomicInteger();
  private volatile long epoch;
  private volatile long first = 1;
  private volatile long last;
  private volatile @Nullable Failure lastFailure;
  private boolean unsure;
  private long beatAt = System.nanoTime();

  /** A queue of a database that has the tables; nothing is touched before it is opened. */
  public JdbcReportStore(DataSource database, JdbcOptions options, Clock clock) {
    this.database = database;
    this.options = options;
    this.clock = clock;
    this.slices = new Slices(options.sliceCount());
  }

  private interface Work<T extends @Nullable Object> {
    T on(Connection connection) throws SQLException;
  }

  private <T extends @Nullable Object> T inTransaction(String failure, Work<T> work) {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      boolean committed = false;
      try {
        T answer = work.on(connection);
        connection.commit();
        committed = true;
        return answer;
      } finally {
        if (!committed) {
          connection.rollback();
        }
        connection.setAutoCommit(true);
      }
    } catch (SQLException e) {
      throw failed(failure, e);
    }
  }

  private QueueException failed(String what, SQLException cause) {
    String state = String.valueOf(cause.getSQLState());
    String text = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
    boolean full = state.startsWith("53100") || text.contains("no space left");
    return new QueueException(
        full ? Reason.STORAGE_FULL : Reason.STORAGE_FAILED,
        "%s in the queue %s: %s".formatted(what, options.queue(), cause.getMessage()),
        cause);
  }

  private static PreparedStatement prepare(Connection connection, String sql, Object... values)
      throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
    return statement;
  }

  private static int update(Connection connection, String sql, Object... values)
      throws SQLException {
    try (PreparedStatement statement = prepare(connection, sql, values)) {
      return statement.executeUpdate();
    }
  }

  private static long number(Connection connection, String sql, Object... values)
      throws SQLException {
    try (PreparedStatement query = prepare(connection, sql, values);
        ResultSet row = query.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  /** In each transaction that writes, and first: locks the row against a taker, or finds none. */
  private void fence(Connection connection) throws SQLException {
    int rows =
        update(
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

  @Override
  public Contents open() {
    makeRow();
    return inTransaction("the queue cannot be opened", this::take);
  }

  private void makeRow() {
    String sql =
        """
        INSERT INTO report_queue (queue, epoch, owner, expires_at, first_seq, last_seq, last_letter)
        SELECT CAST(? AS VARCHAR(100)), 0, '', CURRENT_TIMESTAMP, 1, 0, 0
        WHERE NOT EXISTS (SELECT 1 FROM report_queue WHERE queue = ?)
        """;
    try {
      inTransaction(
          "the queue cannot be made", c -> update(c, sql, options.queue(), options.queue()));
    } catch (QueueException e) {
      boolean madeByAnother =
          e.getCause() instanceof SQLException cause
              && UNIQUE_VIOLATION.equals(cause.getSQLState());
      if (!madeByAnother) {
        throw e;
      }
    }
  }

  private Contents take(Connection connection) throws SQLException {
    Timestamp now;
    try (PreparedStatement query =
            prepare(
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
      first = row.getLong(3);
      last = row.getLong(4);
    }
    update(
        connection,
        "UPDATE report_queue SET epoch = ?, owner = ?, expires_at = ? WHERE queue = ?",
        epoch,
        options.owner(),
        later(now),
        options.queue());
    beatAt = System.nanoTime();
    loadSlices(connection);
    letters.set(countLetters(connection));
    return new Contents(first, last, loadCursors(connection));
  }

  private Timestamp later(Timestamp now) {
    return Timestamp.from(now.toInstant().plus(options.lease()));
  }

  private void loadSlices(Connection connection) throws SQLException {
    try (PreparedStatement query =
            prepare(
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
            prepare(
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
      inTransaction(
          "reports were not written",
          connection -> {
            fence(connection);
            insert(connection, reports);
            return update(
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
      update(
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
    return inTransaction(
        "reports cannot be read",
        connection -> {
          List<QueuedReport> found = new ArrayList<>();
          try (PreparedStatement query =
              prepare(
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
    inTransaction(
        "cursors were not written",
        connection -> {
          fence(connection);
          for (Cursor cursor : cursors) {
            save(connection, cursor);
          }
          return cursors.size();
        });
  }

  private void save(Connection connection, Cursor cursor) throws SQLException {
    int rows =
        update(
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
      update(
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
    inTransaction(
        "cursors were not written",
        connection -> {
          fence(connection);
          return update(
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
      inTransaction(
          "old reports were not removed",
          connection -> {
            fence(connection);
            update(
                connection,
                "UPDATE report_queue SET first_seq = ? WHERE queue = ?",
                end,
                options.queue());
            return update(
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

  private record Added(long id, int count) {}

  @Override
  public long addDeadLetter(DeadLetter letter) {
    Added added =
        inTransaction(
            "a dead letter was not written",
            connection -> {
              fence(connection);
              long known =
                  number(
                      connection,
                      """
                      SELECT COALESCE(MAX(id), 0) FROM report_queue_letter
                      WHERE queue = ? AND consumer_group = ? AND seq = ?
                      """,
                      options.queue(),
                      letter.group(),
                      letter.report().sequence());
              long id = known > 0 ? known : insert(connection, letter);
              return new Added(id, countLetters(connection));
            });
    letters.set(added.count());
    return added.id();
  }

  private int countLetters(Connection connection) throws SQLException {
    return (int)
        number(
            connection,
            "SELECT COUNT(*) FROM report_queue_letter WHERE queue = ?",
            options.queue());
  }

  private long insert(Connection connection, DeadLetter letter) throws SQLException {
    update(
        connection,
        "UPDATE report_queue SET last_letter = last_letter + 1 WHERE queue = ?",
        options.queue());
    long id =
        number(connection, "SELECT last_letter FROM report_queue WHERE queue = ?", options.queue());
    Report report = letter.report().report();
    String reason = letter.reason();
    update(
        connection,
        """
        INSERT INTO report_queue_letter (queue, id, consumer_group, seq, appended_at, weight,
          source, report_key, payload, reason, attempts, set_aside_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        options.queue(),
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

  @Override
  public List<DeadLetter> deadLetters(long after, int most) {
    return inTransaction(
        "dead letters cannot be read",
        connection -> {
          List<DeadLetter> found = new ArrayList<>();
          try (PreparedStatement query =
              prepare(
                  connection,
                  """
                  SELECT id, consumer_group, seq, appended_at, source, report_key, payload, reason,
                         attempts, set_aside_at
                  FROM report_queue_letter WHERE queue = ? AND id > ? ORDER BY id
                  FETCH FIRST %d ROWS ONLY
                  """
                      .formatted(Math.min(most, MOST_READ)),
                  options.queue(),
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
        if (weight > LETTER_PAGE_BYTES && !found.isEmpty()) {
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

  @Override
  public int deadLetterCount() {
    return letters.get();
  }

  @Override
  public boolean removeDeadLetter(long id) {
    boolean removed =
        inTransaction(
            "a dead letter was not removed",
            connection -> {
              fence(connection);
              return update(
                      connection,
                      "DELETE FROM report_queue_letter WHERE queue = ? AND id = ?",
                      options.queue(),
                      id)
                  > 0;
            });
    if (removed) {
      letters.decrementAndGet();
    }
    return removed;
  }

  @Override
  public void tick() {
    long now = System.nanoTime();
    if (now - beatAt < options.lease().toNanos() / 4) {
      return;
    }
    inTransaction(
        "the ownership was not renewed",
        connection -> {
          fence(connection);
          return expire(connection, true);
        });
    beatAt = now;
  }

  private int expire(Connection connection, boolean afterTheLease) throws SQLException {
    Timestamp now;
    try (PreparedStatement query = prepare(connection, "SELECT CURRENT_TIMESTAMP");
        ResultSet row = query.executeQuery()) {
      row.next();
      now = row.getTimestamp(1);
    }
    return update(
        connection,
        "UPDATE report_queue SET expires_at = ? WHERE queue = ? AND epoch = ?",
        afterTheLease ? later(now) : now,
        options.queue(),
        epoch);
  }

  @Override
  public View view() {
    synchronized (slices) {
      return new View(first, last, slices.weight(), slices.count(), epoch, lastFailure);
    }
  }

  @Override
  public void close() {
    try {
      inTransaction("the ownership was not given back", c -> expire(c, false));
    } catch (QueueException e) {
      LOG.log(System.Logger.Level.WARNING, "the lease runs out by itself", e);
    }
  }
}
