package org.plenum.report.queue.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.plenum.container.SharedPostgres;
import org.plenum.platform.SchemaMigration;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.QueueException.Reason;
import org.plenum.report.queue.ReportStore;
import org.plenum.report.queue.Reports;
import org.plenum.report.queue.journal.QueueLog;

/**
 * Processes whose queue is in PostgreSQL are killed, or stopped until another one has taken the
 * queue over: whatever they acknowledged is there afterwards, in its place, once.
 */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class JdbcQueueKillPostgresIT {
  private static final long SEED = Long.getLong("plenum.seed", 20_261_128);
  private static final int LIVES = Integer.getInteger("plenum.queue.lives", 4);
  private static final String SCHEMA = "queue_kill";

  @TempDir private Path scratch;

  private final QueueLog log = new QueueLog();
  private final List<Process> children = new ArrayList<>();
  private final Random random = Reports.random(SEED);
  private HikariDataSource database;

  @BeforeEach
  void makeSchema() throws Exception {
    database = JdbcQueueProcess.pool(SharedPostgres.url(), SCHEMA);
    drop();
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE SCHEMA " + SCHEMA);
    }
    SchemaMigration.migrate(database);
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    children.forEach(Process::destroyForcibly);
    for (Process child : children) {
      child.waitFor(30, TimeUnit.SECONDS);
    }
    drop();
    database.close();
  }

  private void drop() throws Exception {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("DROP SCHEMA IF EXISTS " + SCHEMA + " CASCADE");
    }
  }

  @Test
  void aProcessThatIsKilledAtAnyMomentLosesNothing() throws Exception {
    for (int life = 1; life <= LIVES; life++) {
      int enough = log.acknowledged() + 100 + random.nextInt(400);
      Process child = start();
      read(child, enough, null);
      verify();
    }
  }

  @Test
  void anOwnerThatSleptThroughItsLeaseAcknowledgesNothingMore() throws Exception {
    Process child = start();
    read(child, 200 + random.nextInt(200), this::takeOverWhileItSleeps);
    assertThat(log.refused("FENCED")).as("it was told").isPositive();
    verify();
    read(start(), log.acknowledged() + 200, null);
    verify();
  }

  private Process start() throws IOException {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                JdbcQueueProcess.class.getName(),
                SharedPostgres.url(),
                SCHEMA,
                Long.toString(log.numbers()))
            .redirectError(scratch.resolve("errors").toFile())
            .start();
    children.add(child);
    CompletableFuture.delayedExecutor(2, TimeUnit.MINUTES).execute(child::destroyForcibly);
    return child;
  }

  private interface Meddling {
    void with(Process child) throws Exception;
  }

  /**
   * Reads what it says until so much was acknowledged; then kills it, or meddles and reads on until
   * it was refused the queue.
   */
  private void read(Process child, int enough, @Nullable Meddling meddling) throws Exception {
    boolean ended = false;
    boolean meddled = false;
    try (BufferedReader said =
        new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        log.note(line);
        if (!meddled && meddling != null && log.acknowledged() >= enough) {
          meddled = true;
          meddling.with(child);
        }
        if (!ended
            && log.acknowledged() >= enough
            && (meddling == null || log.refused("FENCED") > 0)) {
          ended = true;
          child.toHandle().destroyForcibly(); // SIGKILL; what is in the pipe is still to be read
        }
      }
    }
    assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(ended).as(Files.readString(scratch.resolve("errors"))).isTrue();
  }

  private void takeOverWhileItSleeps(Process child) throws Exception {
    signal(child, "-STOP");
    try (ReportStore taken = store()) {
      open(taken);
    }
    signal(child, "-CONT");
  }

  private static void signal(Process child, String signal) throws Exception {
    Process kill = new ProcessBuilder("kill", signal, Long.toString(child.pid())).start();
    assertThat(kill.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(kill.exitValue()).isZero();
  }

  private ReportStore store() {
    return new JdbcReportStore(
        database,
        new JdbcOptions("killed", "checker", JdbcQueueProcess.LEASE, 100),
        Clock.systemUTC());
  }

  /** The queue is free when the lease of its owner has run out. */
  private static ReportStore.Contents open(ReportStore store) {
    return await()
        .ignoreExceptionsMatching(
            e -> e instanceof QueueException known && known.reason() == Reason.IN_USE)
        .pollInSameThread()
        .atMost(30, TimeUnit.SECONDS)
        .until(store::open, Objects::nonNull);
  }

  private void verify() {
    try (ReportStore store = store()) {
      log.verify(store, open(store));
    }
  }
}
