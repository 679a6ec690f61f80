package org.plenum.bench;

import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.plenum.testkit.LegacySystem;
import org.plenum.testkit.PlenumServer;
import org.plenum.testkit.PostgresServer;
import org.plenum.testkit.RestClient;

/**
 * A legacy system fills the command queue, as fast as the broker takes persistent messages, and the
 * server empties it. The rate is that of the emptying: by the times of the first and the last
 * commit.
 */
final class CommandQueueBench {
  private static final int PER_TRANSACTION = 100;
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(120);

  private final PlenumServer server;
  private final PostgresServer postgres;
  private final RestClient owner;

  CommandQueueBench(PlenumServer server, PostgresServer postgres, Tokens tokens) {
    this.server = server;
    this.postgres = postgres;
    this.owner = server.anonymous().withToken(tokens.of("bench-0"));
  }

  /** Commands a second that took effect, in order. */
  double commandsPerSecond(Path payara, int count) throws SQLException {
    String group =
        owner
            .post(
                "/groups",
                Map.of(
                    "type", "PUBLIC",
                    "name", "Queue",
                    "topic", "",
                    "postingRule", "EVERYONE",
                    "retentionDays", 0))
            .expect(201)
            .body()
            .path("group")
            .asText();
    try (LegacySystem legacy =
        LegacySystem.connectTransacted(LegacySystem.connections(payara, server.jmsPort()))) {
      for (int i = 0; i < count; i++) {
        String text = "%08d".formatted(i);
        legacy.send(legacy.text(LegacySystem.post(group + "-" + i, group, "bench-0", text)));
        if (i % PER_TRANSACTION == PER_TRANSACTION - 1 || i == count - 1) {
          legacy.commit();
        }
      }
    }
    return awaitAll(group, count);
  }

  private double awaitAll(String group, int count) throws SQLException {
    String sql =
        """
        SELECT count(*), extract(epoch FROM max(at) - min(at)), bool_and(rank = position) FROM (
          SELECT at, row_number() OVER (ORDER BY json ->> 'text') AS rank, row_number() OVER (ORDER BY seq) AS position
          FROM (SELECT at, seq, convert_from(json, 'UTF8')::json AS json FROM timeline_entry
                WHERE group_id = ?::uuid AND no > 0) AS e) AS ordered
        """;
    long end = System.nanoTime() + LIMIT_NANOS;
    try (var connection = postgres.connect();
        PreparedStatement posts =
            connection.prepareStatement(
                "SELECT count(*) FROM timeline_entry WHERE group_id = ?::uuid AND no > 0");
        PreparedStatement all = connection.prepareStatement(sql)) {
      posts.setString(1, group);
      while (number(posts) < count) {
        if (System.nanoTime() > end) {
          throw new IllegalStateException(number(posts) + " of " + count + " commands took effect");
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
      }
      all.setString(1, group);
      try (ResultSet row = all.executeQuery()) {
        row.next();
        if (row.getLong(1) != count || !row.getBoolean(3)) {
          throw new IllegalStateException("commands were lost, doubled or overtook each other");
        }
        return count / row.getDouble(2);
      }
    }
  }

  private static long number(PreparedStatement query) throws SQLException {
    try (ResultSet row = query.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }
}
