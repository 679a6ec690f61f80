package org.plenum.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.plenum.testkit.PostgresServer;

/**
 * Looks twenty times a second at the sessions of the server in the database: in which part of the
 * time one of them works there, or waits there and for what, or waits in a transaction for the next
 * statement. From its making until {@link #ended}.
 */
final class SessionClock {
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final String SQL =
      """
      SELECT CASE WHEN state LIKE 'idle in transaction%' THEN 'in a transaction, next statement awaited'
                  WHEN wait_event IS NULL THEN 'works' ELSE 'waits for ' || wait_event END
      FROM pg_stat_activity WHERE application_name = 'plenum' AND state <> 'idle'
      """;

  private final PostgresServer postgres;
  private final Map<String, Integer> seen = new TreeMap<>();
  private final Thread thread;
  private volatile boolean running = true;
  private int looks;

  SessionClock(PostgresServer postgres) {
    this.postgres = postgres;
    this.thread = Thread.ofPlatform().name("sessions").daemon().start(this::look);
  }

  private void look() {
    try (Connection connection = postgres.connect();
        PreparedStatement statement = connection.prepareStatement(SQL)) {
      while (running) {
        looks++;
        try (ResultSet row = statement.executeQuery()) {
          while (row.next()) {
            seen.merge(row.getString(1), 1, Integer::sum);
          }
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Ends the looking and says what was seen: each with its share of the looks. */
  String ended() throws InterruptedException {
    running = false;
    LockSupport.unpark(thread);
    thread.join();
    return seen.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
        .limit(6)
        .map(
            each ->
                String.format(
                    Locale.ROOT,
                    "%s %.0f %%",
                    each.getKey(),
                    100.0 * each.getValue() / Math.max(1, looks)))
        .collect(Collectors.joining(", "));
  }
}
