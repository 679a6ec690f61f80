package org.plenum.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.h2.jdbcx.JdbcDataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plenum.backup.api.Backup;
import org.plenum.platform.SchemaMigration;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.ReportBackup;

/** Backups of a database that is written to, on H2 files and the real schema. */
class BackupsTest {
  private static final PrintStream QUIET =
      new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);

  @TempDir private Path data;
  private final JdbcDataSource h2 = new JdbcDataSource();
  private final AtomicLong written = new AtomicLong();
  private final List<Runnable> tasks = new ArrayList<>();
  private @Nullable IOException journalFault;

  private final ReportBackup journal =
      new ReportBackup() {
        @Override
        public Path folder() {
          return data.resolve("reports");
        }

        @Override
        public boolean copyTo(Path folder) throws IOException {
          if (journalFault != null) {
            throw journalFault;
          }
          Files.writeString(folder.resolve("1.seg"), "reports");
          return true;
        }
      };

  @BeforeEach
  void openDatabase() throws IOException {
    h2.setURL(
        "jdbc:h2:"
            + data.resolve("database/plenum")
            + ";WRITE_DELAY=0;DB_CLOSE_DELAY=-1;QUERY_TIMEOUT=30000");
    SchemaMigration.migrate(h2);
    Files.createDirectories(data.resolve("keys"));
    Files.writeString(data.resolve("keys/token-signing.jwk"), "key");
    new Control(data).prepare();
  }

  @AfterEach
  void shutDown() throws SQLException {
    try (Connection connection = h2.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("SHUTDOWN");
    }
  }

  private Backups backups(String product, long reserve) {
    DurableFiles files = new DurableFiles();
    return new Backups(
        new BackupConfig(data.resolve("backups"), 2, reserve),
        product,
        new Filling(h2, journal, data.resolve("keys/token-signing.jwk"), reserve, files),
        new Control(data),
        files,
        tasks::add,
        Clock.systemUTC());
  }

  /** An update and its entry, of which neither is without the other. */
  private void post() throws SQLException {
    try (Connection connection = h2.getConnection()) {
      connection.setAutoCommit(false);
      long revision = written.get() + 1;
      UUID group = new UUID(1, 1);
      try (PreparedStatement entry =
              connection.prepareStatement(
                  "INSERT INTO timeline_entry (group_id, seq, kind, actor_id, subject_id, no, at,"
                      + " json) VALUES (?, ?, 1, 1, 0, 0, CURRENT_TIMESTAMP, ?)");
          PreparedStatement update =
              connection.prepareStatement(
                  "INSERT INTO update_log (revision, epoch, group_id, seq, kind, actor_id,"
                      + " subject_id, target, no, at) VALUES (?, 1, ?, ?, 1, 1, 0, 0, 0,"
                      + " CURRENT_TIMESTAMP)")) {
        entry.setObject(1, group);
        entry.setLong(2, revision);
        entry.setBytes(3, new byte[500]);
        entry.executeUpdate();
        update.setLong(1, revision);
        update.setObject(2, group);
        update.setLong(3, revision);
        update.executeUpdate();
      }
      connection.commit();
      written.set(revision);
    }
  }

  private void runTasks() {
    List.copyOf(tasks).forEach(Runnable::run);
    tasks.clear();
  }

  @Test
  void oneOfAClusterCountsAsLongAsItIsThere() throws IOException {
    Backups backups = backups("h2", 0);
    Path elsewhere = data.resolve("elsewhere/2026-11-27T120000");
    Files.createDirectories(elsewhere);
    Files.writeString(elsewhere.resolve(Manifest.SUMS), "");
    new Control(data).note(elsewhere, Instant.now().minusSeconds(3_600));
    backups.look();
    assertThat(backups.ageSeconds()).isBetween(3_600.0, 3_700.0);

    Files.delete(elsewhere.resolve(Manifest.SUMS));
    backups.look();
    assertThat(backups.ageSeconds()).isEqualTo(-1);
  }

  @Test
  void saysHowOldTheNewestIsAndWhetherTheLastOneFailed() {
    Backups backups = backups("h2", 0);
    backups.look();
    assertThat(backups.ageSeconds()).isEqualTo(-1);
    assertThat(backups.lastFailed()).isFalse();

    backups.begin();
    runTasks();
    assertThat(backups.ageSeconds()).isBetween(0.0, 60.0);
    journalFault = new IOException("no space");
    backups.begin();
    runTasks();
    assertThat(backups.lastFailed()).isTrue();
    assertThat(backups.ageSeconds()).as("of the whole one").isBetween(0.0, 60.0);

    // After a start, and when the command line made it, only the folder tells.
    Backups next = backups("h2", 0);
    assertThat(next.ageSeconds()).isEqualTo(-1);
    next.look();
    assertThat(next.ageSeconds()).isBetween(0.0, 60.0);
    assertThat(next.lastFailed()).isFalse();
  }

  @Test
  void holdsEveryCommitBeforeItAndNoHalfOfOneAfterIt() throws Exception {
    for (int i = 0; i < 300; i++) {
      post();
    }
    AtomicBoolean stopped = new AtomicBoolean();
    AtomicLong slowest = new AtomicLong();
    CountDownLatch going = new CountDownLatch(20);
    Backups backups = backups("h2", 0);
    try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
      Future<?> writing =
          threads.submit(
              () -> {
                while (!stopped.get()) {
                  long before = System.nanoTime();
                  post();
                  slowest.accumulateAndGet(System.nanoTime() - before, Math::max);
                  going.countDown();
                  LockSupport.parkNanos(2_000_000);
                }
                return null;
              });
      try {
        assertThat(going.await(30, TimeUnit.SECONDS)).isTrue();
        backUpFiveTimes(backups);
      } finally {
        stopped.set(true);
      }
      writing.get(30, TimeUnit.SECONDS);
    }
    System.out.printf(
        "5 backups beside %d commits, the slowest %d ms%n",
        written.get(), TimeUnit.NANOSECONDS.toMillis(slowest.get()));
    assertThat(backups.list()).hasSize(2);
  }

  private void backUpFiveTimes(Backups backups) throws Exception {
    for (int round = 0; round < 5; round++) {
      long before = written.get();
      backups.begin();
      runTasks();
      Backup made = backups.list().getFirst();
      assertThat(made.problem()).isNull();
      assertThat(made.state()).isEqualTo(Backup.State.COMPLETE);
      assertThat(made.revision())
          .isGreaterThanOrEqualTo(before)
          .isLessThanOrEqualTo(written.get() + 1);
      Path whole = data.resolve("backups").resolve(made.name());
      Manifest.verify(whole, null);
      assertHolds(whole, made.revision());
    }
  }

  private void assertHolds(Path whole, long revision) throws IOException, SQLException {
    Path copy = Files.createDirectories(data.resolve("copy")).resolve("c.mv.db");
    Files.deleteIfExists(copy);
    Files.copy(whole.resolve("database/plenum.mv.db"), copy);
    JdbcDataSource restored = new JdbcDataSource();
    restored.setURL("jdbc:h2:" + data.resolve("copy/c"));
    try (Connection connection = restored.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT COUNT(*), MIN(u.revision), MAX(u.revision), COUNT(e.seq),"
                    + " SUM(OCTET_LENGTH(e.json)), (SELECT COUNT(*) FROM timeline_entry) FROM"
                    + " update_log u JOIN timeline_entry e ON e.group_id = u.group_id AND e.seq ="
                    + " u.seq")) {
      row.next();
      assertThat(row.getLong(1)).isEqualTo(revision);
      assertThat(row.getLong(2)).isEqualTo(1);
      assertThat(row.getLong(3)).isEqualTo(revision);
      assertThat(row.getLong(4)).isEqualTo(revision);
      assertThat(row.getLong(5)).isEqualTo(500 * revision);
      assertThat(row.getLong(6)).isEqualTo(revision);
      row.close();
      statement.execute("SHUTDOWN"); // how long it stays open is a setting that is copied too
    }
  }

  @Test
  void oneIsMadeAtATime() throws SQLException {
    post();
    Backups backups = backups("h2", 0);
    Backup begun = backups.begin();
    assertThat(begun.state()).isEqualTo(Backup.State.RUNNING);
    assertThat(backups.list()).extracting(Backup::state).containsExactly(Backup.State.RUNNING);
    assertThatThrownBy(backups::begin)
        .isInstanceOf(ServiceException.class)
        .hasMessageContaining("another backup");
    runTasks();
    assertThat(backups.list()).extracting(Backup::state).containsExactly(Backup.State.COMPLETE);
    backups.begin();
    runTasks();
    assertThat(backups.list()).hasSize(2);
  }

  @Test
  void aFailureLeavesNothingButItsReason() throws Exception {
    Backups backups = backups("h2", 0);
    journalFault = new IOException("no space left on device");
    backups.begin();
    runTasks();
    assertThat(backups.list())
        .singleElement()
        .satisfies(
            failed -> {
              assertThat(failed.state()).isEqualTo(Backup.State.FAILED);
              assertThat(failed.problem()).contains("no space left");
            });
    try (var left = Files.list(data.resolve("backups"))) {
      assertThat(left.filter(Files::isDirectory)).isEmpty();
    }
    journalFault = null;
    backups.begin();
    runTasks();
    assertThat(backups.list()).extracting(Backup::state).containsExactly(Backup.State.COMPLETE);
  }

  @Test
  void aBackupThatWouldFillTheDiskIsRefused() {
    Backups backups = backups("h2", Long.MAX_VALUE / 4);
    backups.begin();
    runTasks();
    assertThat(backups.list().getFirst().problem()).contains("MiB free");
  }

  @Test
  void onPostgresItSaysWhatToUse() {
    assertThatThrownBy(() -> backups("postgresql", 0).begin())
        .isInstanceOf(ServiceException.class)
        .hasMessageContaining("./plenum backup");
  }

  private int tool(String... arguments) {
    return BackupTool.run(arguments, QUIET, System.err, Clock.systemUTC());
  }

  @Test
  void theCommandLineAsksTheServerByAFile() throws Exception {
    post();
    Backups backups = backups("h2", 0);
    Path to = data.resolve("store");
    try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
      Future<Integer> asked =
          threads.submit(() -> tool("backup", "--data", data.toString(), "--to", to.toString()));
      while (!asked.isDone()) {
        backups.serveCommandLine();
        Thread.onSpinWait();
      }
      assertThat(asked.get()).isZero();
    }
    BackupFolder.Whole whole = new BackupFolder(to, new DurableFiles()).list().getFirst();
    assertThat(whole.manifest().revision()).isEqualTo(1);
    assertThat(whole.manifest().online()).isTrue();
    Manifest.verify(whole.path(), null);
    assertHolds(whole.path(), 1);
  }

  /** A server that does this with each request. */
  private interface Served {
    void with(Control control, Control.Request request) throws IOException;
  }

  private String failureAt(Served served, String... options) throws Exception {
    List<String> arguments =
        new ArrayList<>(
            List.of("backup", "--data", data.toString(), "--to", data.resolve("store").toString()));
    arguments.addAll(List.of(options));
    ByteArrayOutputStream told = new ByteArrayOutputStream();
    try (PrintStream err = new PrintStream(told, true, StandardCharsets.UTF_8);
        ExecutorService threads = Executors.newSingleThreadExecutor()) {
      Future<Integer> asked =
          threads.submit(
              () ->
                  BackupTool.run(arguments.toArray(String[]::new), QUIET, err, Clock.systemUTC()));
      Control control = new Control(data);
      while (!asked.isDone()) {
        Control.Request request = control.take().orElse(null);
        if (request != null) {
          served.with(control, request);
        }
        LockSupport.parkNanos(2_000_000);
      }
      assertThat(asked.get(30, TimeUnit.SECONDS)).isEqualTo(1);
    }
    try (var left = Files.list(data.resolve("store"))) {
      assertThat(left.filter(Files::isDirectory)).isEmpty();
    }
    return told.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aServerThatTakesARequestAndTellsNothingIsGivenUp() throws Exception {
    assertThat(failureAt((control, request) -> {}, "--answer-seconds", "1"))
        .contains("told nothing");
  }

  @Test
  void aServerThatWritesNothingMoreIsGivenUp() throws Exception {
    assertThat(
            failureAt(
                (control, request) ->
                    control.tell(new Control.Status(request.id(), "FILLING", "h2", "", 0, "")),
                "--stall-seconds",
                "1"))
        .contains("written nothing for 1 s");
  }

  @Test
  void aRequestThatOthersCouldHaveWrittenIsIgnored() throws IOException {
    Path draft = Files.createDirectories(data.resolve("store/.x.part"));
    Control control = new Control(data);
    control.ask(new Control.Request("1", draft));
    DurableFiles.ownersAlone(data.resolve(Layout.CONTROL), "rwxrwxrwx");
    assertThatThrownBy(control::take).hasMessageContaining("written by others");
    DurableFiles.ownersAlone(data.resolve(Layout.CONTROL), "rwx------");
    assertThat(control.take()).isEmpty();
    control.ask(new Control.Request("2", data.resolve("database")));
    assertThatThrownBy(control::take).hasMessageContaining("names no draft");
    assertThat(control.told())
        .hasValueSatisfying(
            told -> {
              assertThat(told.id()).isEqualTo("2");
              assertThat(told.state()).isEqualTo("FAILED");
              assertThat(told.problem()).contains("names no draft");
            });
    control.ask(new Control.Request("3", draft));
    assertThat(control.take()).contains(new Control.Request("3", draft));
  }

  @Test
  void aStoppedServersFilesAreCopiedAndRestored() throws Exception {
    post();
    post();
    Files.createDirectories(data.resolve("reports"));
    Files.writeString(data.resolve("reports/1.seg"), "reports");
    shutDown();
    assertThat(tool("backup", "--data", data.toString())).isZero();
    BackupFolder.Whole whole =
        new BackupFolder(data.resolve("backups"), new DurableFiles()).list().getFirst();
    assertThat(whole.manifest().revision()).isEqualTo(2);
    assertThat(whole.manifest().online()).isFalse();
    post();
    shutDown();
    assertThat(tool("restore", "--data", data.toString(), "--from", whole.path().toString()))
        .isZero();
    assertHolds(whole.path(), 2);
    try (Connection connection = h2.getConnection()) {
      assertThat(DatabaseFacts.of(connection).revision()).isEqualTo(2);
    }
  }
}
