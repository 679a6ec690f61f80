package org.plenum.backup;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.plenum.platform.SchemaMigration;
import org.plenum.testkit.PostgresServer;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Copies of a real PostgreSQL that is written to all the time, whose log goes on to new segments
 * and is recycled meanwhile; and a server on each copy.
 */
@Timeout(180)
class PostgresCopyPostgresIT {
  private static final int SWITCH_EVERY = 20;
  private static final int DURING = 100;

  private final Path work = Path.of(System.getProperty("plenum.work", "target/work"));
  private final AtomicLong committed = new AtomicLong();
  private final AtomicBoolean stopped = new AtomicBoolean();
  private PostgresServer primary;

  @BeforeEach
  void start() throws SQLException {
    primary = PostgresServer.start(work, List.of("max_wal_size = 32MB"));
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(primary.jdbcUrl("plenum"));
    SchemaMigration.migrate(source);
    execute(primary, "CREATE TABLE copied (no bigint PRIMARY KEY, filler text NOT NULL)");
  }

  @AfterEach
  void close() {
    stopped.set(true);
    primary.close();
  }

  private static void execute(PostgresServer server, String... sql) throws SQLException {
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      for (String each : sql) {
        statement.execute(each);
      }
    }
  }

  /** One row a transaction, and a new segment of the log every twenty. */
  private CompletableFuture<Void> write(PostgresServer server) {
    stopped.set(false);
    return CompletableFuture.runAsync(
        () -> {
          try (Connection connection = server.connect();
              Statement other = connection.createStatement();
              PreparedStatement insert =
                  connection.prepareStatement("INSERT INTO copied VALUES (?, repeat('x', 500))")) {
            while (!stopped.get()) {
              insert.setLong(1, committed.get() + 1);
              insert.executeUpdate();
              if (committed.incrementAndGet() % SWITCH_EVERY == 0) {
                other.execute("SELECT pg_switch_wal()");
                other.execute("CHECKPOINT"); // what is not kept for somebody is recycled now
              }
            }
          } catch (SQLException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private void awaitMore(long howMany) {
    long enough = committed.get() + howMany;
    await().atMost(60, SECONDS).until(() -> committed.get() >= enough);
  }

  private PostgresCopy copy(PostgresServer server, Path data) {
    // The file that comes last waits until much was written.
    DurableFiles files =
        new DurableFiles(
            change -> {
              if (change.startsWith("copy") && change.endsWith("pg_control") && !stopped.get()) {
                awaitMore(DURING);
              }
            });
    return new PostgresCopy(server.jdbcUrl("plenum"), "plenum", "", data, files, text -> {});
  }

  private static Path data(PostgresServer server) {
    return server.directory().resolve("data");
  }

  private Path place() throws IOException {
    return Files.createTempDirectory(Files.createDirectories(work), "copy-").resolve("database");
  }

  private void copyAndCompare(PostgresServer server) throws Exception {
    CompletableFuture<Void> writing = write(server);
    awaitMore(50);
    long before = committed.get();
    Path place = place();
    DatabaseFacts facts = copy(server, data(server)).copyTo(place);
    awaitMore(50);
    stopped.set(true);
    writing.get(30, SECONDS);
    try (Stream<Path> log = Files.list(place.resolve("pg_wal"))) {
      assertThat(log.filter(Files::isRegularFile).count())
          .as("segments of the log")
          .isGreaterThanOrEqualTo(DURING / SWITCH_EVERY);
    }
    assertThat(PostgresCopy.problems(place)).hasSize(1); // its log is not replayed yet
    try (PostgresServer copied = server.onCopy(place);
        Connection connection = copied.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*), max(no), min(no) FROM copied")) {
      assertThat(PostgresCopy.problems(data(copied))).isEmpty();
      assertThat(DatabaseFacts.of(connection)).isEqualTo(facts);
      assertThat(row.next()).isTrue();
      long rows = row.getLong(1);
      System.out.printf(
          "PostgresCopyPostgresIT: %d rows before, %d in the copy, %d in all%n",
          before, rows, committed.get());
      assertThat(row.getLong(2)).as("without a gap").isEqualTo(rows);
      assertThat(row.getLong(3)).isEqualTo(1);
      assertThat(rows).isBetween(before + DURING, committed.get());
    }
  }

  @Test
  void aCopyIsOfOneMomentAndHoldsWhatWasCommittedBefore() throws Exception {
    copyAndCompare(primary);
  }

  @Test
  void aReplicaThatWasPromotedIsCopiedToo() throws Exception {
    try (PostgresServer replica = primary.replica("replica")) {
      execute(primary, "INSERT INTO copied VALUES (1, 'of the old timeline')");
      committed.set(1);
      await()
          .atMost(30, SECONDS)
          .ignoreExceptions()
          .until(
              () -> {
                try (Connection connection = replica.connect();
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT count(*) FROM copied")) {
                  return row.next() && row.getLong(1) == 1;
                }
              });
      assertThatThrownBy(() -> copy(replica, data(replica)).copyTo(place()))
          .hasMessageContaining("is a replica");
      primary.kill();
      replica.promote();
      copyAndCompare(replica);
    }
  }

  @Test
  void aLogThatWasNotKeptFailsTheCopy() throws Exception {
    execute(primary, "ALTER SYSTEM SET max_slot_wal_keep_size = '32MB'", "SELECT pg_reload_conf()");
    CompletableFuture<Void> writing = write(primary);
    awaitMore(50);
    assertThatThrownBy(() -> copy(primary, data(primary)).copyTo(place()))
        .hasMessageContaining("max_slot_wal_keep_size");
    stopped.set(true);
    writing.get(30, SECONDS);
  }

  @Test
  void theFilesOfAnotherServerAreNotCopied() throws IOException {
    Path other = Files.createDirectories(place());
    assertThatThrownBy(() -> copy(primary, other).copyTo(place()))
        .hasMessageContaining("and not in " + other);
  }
}
