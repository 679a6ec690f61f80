package org.plenum.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The table of stored reports, seen by a checker. For one thread. */
final class StoredReports {
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final Connection database;

  StoredReports(Connection database) {
    this.database = database;
  }

  /** The number of the report that was stored last; 0 before the first. */
  long last() throws SQLException {
    try (Statement statement = database.createStatement();
        ResultSet row = statement.executeQuery("SELECT coalesce(max(no), 0) FROM report")) {
      row.next();
      return row.getLong(1);
    }
  }

  /**
   * Returns when so many were stored behind a number.
   *
   * @throws IllegalStateException when for half a minute no further one is
   */
  void awaitAll(long behind, long count) throws SQLException {
    long seen = last();
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (seen - behind < count) {
      LockSupport.parkNanos(PAUSE_NANOS);
      long now = last();
      if (now > seen) {
        seen = now;
        end = System.nanoTime() + PATIENCE_NANOS;
      } else if (System.nanoTime() - end > 0) {
        throw new IllegalStateException(
            "%d of %d acknowledged reports are stored".formatted(seen - behind, count));
      }
    }
  }

  /** What is wrong with what is stored of a sender: nothing missing, doubled, foreign, swapped. */
  String wrong(SentReports sent) throws SQLException {
    String sql =
        """
        SELECT count(*), count(*) FILTER (WHERE report_key <> ? || lpad(n::text, 12, '0')) FROM (
          SELECT report_key, row_number() OVER (ORDER BY no) - 1 AS n
          FROM report WHERE source = ? AND starts_with(report_key, ?)) AS ordered
        """;
    try (PreparedStatement statement = database.prepareStatement(sql)) {
      statement.setString(1, sent.keyPrefix());
      statement.setString(2, sent.source());
      statement.setString(3, sent.keyPrefix());
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        long stored = row.getLong(1);
        long displaced = row.getLong(2);
        return stored == sent.count() && displaced == 0
            ? ""
            : "%s: %d acknowledged, %d stored, %d of them not in their place"
                .formatted(sent.source(), sent.count(), stored, displaced);
      }
    }
  }
}
