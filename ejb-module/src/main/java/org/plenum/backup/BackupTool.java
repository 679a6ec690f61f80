package org.plenum.backup;

import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ProductVersion;

/**
 * Backup and restore from the command line ({@code ./plenum backup}, {@code ./plenum restore}): a
 * program of its own beside the server, on the classes of the deployed application and H2 or the
 * driver of PostgreSQL. A running server fills the backup itself; for a stopped one its files are
 * copied.
 */
public final class BackupTool {
  private static final Duration ANSWER = Duration.ofSeconds(20);
  private static final Duration STALL = Duration.ofMinutes(2);
  private static final Duration LOOK = Duration.ofMillis(200);

  private final PrintStream out;
  private final Clock clock;
  private final Map<String, String> options;
  private final Path data;

  private BackupTool(Map<String, String> options, PrintStream out, Clock clock) throws IOException {
    this.options = options;
    this.out = out;
    this.clock = clock;
    this.data = Path.of(required("data")).toAbsolutePath().normalize();
  }

  /**
   * Runs one command.
   *
   * <pre>
   * backup  --data FOLDER [--to FOLDER] [--product h2|postgresql] [--pg-database URL]
   *         [--pg-dump FILE] [--url JDBC-URL --user NAME]
   *         [--answer-seconds N] [--stall-seconds N]
   * restore --data FOLDER --from BACKUP
   * restore-begin --data FOLDER --from BACKUP
   * verify  --data FOLDER --from BACKUP
   * </pre>
   *
   * A server that does not answer within 20 seconds, or whose draft does not grow for 120, is given
   * up, where the options do not say otherwise. {@code restore-begin} comes before the database is
   * restored by other means: from then on the server does not start until {@code restore} is done.
   * The password of PostgreSQL is in the environment as PGPASSWORD.
   */
  public static void main(String[] arguments) {
    System.exit(run(arguments, System.out, System.err, Clock.systemUTC()));
  }

  static int run(String[] arguments, PrintStream out, PrintStream err, Clock clock) {
    try {
      Map<String, String> options = new HashMap<>();
      for (int i = 1; i + 1 < arguments.length; i += 2) {
        options.put(arguments[i].substring(2), arguments[i + 1]);
      }
      String command = arguments.length == 0 ? "" : arguments[0];
      BackupTool tool = new BackupTool(options, out, clock);
      switch (command) {
        case "backup" -> tool.backup();
        case "restore" -> tool.restore();
        case "restore-begin" -> tool.beginRestore();
        case "verify" -> tool.verify();
        default -> throw new IOException("unknown command '" + command + "'");
      }
      return 0;
    } catch (IOException | SQLException e) {
      err.println("plenum: " + e.getMessage());
      return 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      err.println("plenum: interrupted");
      return 1;
    }
  }

  private Duration seconds(String name, Duration otherwise) throws IOException {
    String value = options.get(name);
    if (value == null) {
      return otherwise;
    }
    if (!value.matches("[1-9][0-9]{0,8}")) {
      throw new IOException("--" + name + " takes a number of seconds, not '" + value + "'");
    }
    return Duration.ofSeconds(Long.parseLong(value));
  }

  private String required(String name) throws IOException {
    String value = options.get(name);
    if (value == null) {
      throw new IOException("--" + name + " is missing");
    }
    return value;
  }

  // ---- backup -----------------------------------------------------------------------------------

  private void backup() throws IOException, SQLException, InterruptedException {
    Layout layout = Layout.read(data);
    String product = options.getOrDefault("product", layout.product());
    boolean running = inUse(layout.database()) || inUse(layout.reports().resolve("lock"));
    @Nullable String to = options.get("to");
    DurableFiles files = new DurableFiles();
    Instant now = clock.instant();
    try (BackupFolder folder =
        new BackupFolder(to == null ? layout.backups() : Path.of(to), files)) {
      Path draft = folder.begin(now);
      if (draft == null) {
        throw new IOException("another backup is being made in " + folder.path());
      }
      try {
        DatabaseFacts facts =
            running
                ? filledByServer(draft, layout)
                : filledFromFiles(draft, layout, product, files);
        if (!facts.product().equals(DatabaseFacts.H2)) {
          dump(draft);
        }
        Duration took = Duration.between(now, clock.instant());
        say("checksums");
        Path whole =
            folder.complete(
                draft,
                new Manifest(
                    ProductVersion.TEXT,
                    facts.product(),
                    facts.schema(),
                    facts.revision(),
                    running,
                    now,
                    took));
        if (to == null) {
          folder.retire(layout.keep(), whole);
        }
        out.printf(
            Locale.ROOT,
            "Backup in %s: %s in %.1f s, revision %d%n",
            whole,
            size(DurableFiles.sizeOf(whole)),
            Duration.between(now, clock.instant()).toMillis() / 1000.0,
            facts.revision());
      } catch (IOException | SQLException | InterruptedException | RuntimeException e) {
        folder.abandon(draft);
        throw e;
      }
    }
  }

  private DatabaseFacts filledByServer(Path draft, Layout layout)
      throws IOException, InterruptedException {
    long answer = seconds("answer-seconds", ANSWER).toNanos();
    Duration stall = seconds("stall-seconds", STALL);
    Control control = new Control(data);
    String id = UUID.randomUUID().toString();
    control.ask(new Control.Request(id, draft));
    say("the server is asked");
    long asked = System.nanoTime();
    long shown = asked;
    long grown = asked;
    long written = -1;
    while (true) {
      TimeUnit.MILLISECONDS.sleep(LOOK.toMillis());
      Optional<Control.Status> told = control.told().filter(status -> status.id().equals(id));
      if (told.isEmpty()) {
        long waited = System.nanoTime() - asked;
        if (waited > answer && control.takeBack()) {
          throw new IOException(
              "the server does not answer. Is it ready ('./plenum status'), does it run as the user"
                  + " that runs this, and is the deployed version as new as this one?");
        }
        if (waited > 2 * answer) { // it had the time of an answer after it took the request
          throw new IOException(
              "the server took the request and told nothing: its log says why. Can others than its"
                  + " user write "
                  + data.resolve(Layout.CONTROL)
                  + ", or is its disk full?");
        }
        continue;
      }
      Control.Status status = told.get();
      switch (status.state()) {
        case "FILLED" -> {
          return new DatabaseFacts(status.product(), status.schema(), status.revision());
        }
        case "FAILED" -> throw new IOException("the server could not do it: " + status.problem());
        default -> {
          if (!inUse(layout.database()) && !inUse(layout.reports().resolve("lock"))) {
            throw new IOException("the server ended while it made the backup");
          }
          long now = System.nanoTime();
          long bytes = DurableFiles.sizeOf(draft);
          if (bytes != written) {
            written = bytes;
            grown = now;
          } else if (now - grown > stall.toNanos()) {
            throw new IOException(
                "the server has written nothing for %d s: see its log, and try again"
                    .formatted(stall.toSeconds()));
          }
          if (now - shown > TimeUnit.SECONDS.toNanos(2)) {
            say(size(bytes) + " written");
            shown = now;
          }
        }
      }
    }
  }

  /** Whether a process has the lock that H2 and the journal hold while they are open. */
  static boolean inUse(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return false;
    }
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      return open.getChannel().tryLock() == null; // one that it got goes with the file
    } catch (OverlappingFileLockException e) {
      return true; // in this process
    }
  }

  private DatabaseFacts filledFromFiles(
      Path draft, Layout layout, String product, DurableFiles files)
      throws IOException, SQLException {
    refuseWhileStarted(layout);
    Filling.copyClosedJournal(layout.reports(), draft.resolve(Filling.REPORTS), files);
    refuseWhileStarted(layout);
    if (Files.isRegularFile(layout.keyFile())) {
      files.copy(layout.keyFile(), draft.resolve(Filling.KEYS).resolve(Filling.KEY));
    }
    if (!product.equals(DatabaseFacts.H2)) {
      try (Connection connection =
          DriverManager.getConnection(
              required("url"), required("user"), System.getenv().getOrDefault("PGPASSWORD", ""))) {
        return DatabaseFacts.of(connection);
      }
    }
    if (!Files.isRegularFile(layout.database())) {
      throw new IOException("there is no database in " + layout.database());
    }
    say("copying " + size(Files.size(layout.database())));
    Path copy = draft.resolve(Filling.DATABASE).resolve(H2Copy.FILE);
    files.copy(layout.database(), copy);
    refuseWhileStarted(layout);
    return H2Copy.open(copy, BackupTool.class.getClassLoader());
  }

  private static void refuseWhileStarted(Layout layout) throws IOException {
    if (inUse(layout.database()) || inUse(layout.reports().resolve("lock"))) {
      throw new IOException("the server was started meanwhile: try again");
    }
  }

  /** Has pg_dump write the database into the draft; what it says goes to the user. */
  private void dump(Path draft) throws IOException, InterruptedException {
    Path file = draft.resolve(Filling.DATABASE).resolve("plenum.dump");
    new DurableFiles().makeFolder(draft.resolve(Filling.DATABASE));
    List<String> command =
        List.of(
            options.getOrDefault("pg-dump", "pg_dump"),
            "--format=custom",
            "--exclude-schema=before_restore_*", // what a restore has kept
            "--file=" + file,
            "--dbname=" + required("pg-database"));
    say("pg_dump");
    Process process = new ProcessBuilder(command).inheritIO().start();
    while (!process.waitFor(2, TimeUnit.SECONDS)) {
      say(size(DurableFiles.sizeOf(draft)) + " written");
    }
    if (process.exitValue() != 0) {
      throw new IOException("pg_dump failed, see above");
    }
  }

  // ---- restore ----------------------------------------------------------------------------------

  private void verify() throws IOException {
    Path from = Path.of(required("from")).toAbsolutePath().normalize();
    Manifest manifest = Manifest.read(from);
    Manifest.verify(from, null);
    out.printf(
        "%s is whole: %s of Plenum %s, schema %s, revision %d, %s, %s%n",
        from,
        manifest.database(),
        manifest.version(),
        manifest.schema(),
        manifest.revision(),
        manifest.startedAt(),
        size(DurableFiles.sizeOf(from)));
  }

  private Restore restoreOf(Path from, long total) throws IOException {
    long[] done = {0, System.nanoTime()};
    return new Restore(
        from,
        data,
        new DurableFiles(),
        more -> {
          done[0] += more;
          if (System.nanoTime() - done[1] > TimeUnit.SECONDS.toNanos(2)) {
            say(size(done[0]) + " of " + size(2 * total) + " read");
            done[1] = System.nanoTime();
          }
        });
  }

  private static long sizeOf(Path from) throws IOException {
    return Files.isDirectory(from) ? DurableFiles.sizeOf(from) : 0;
  }

  private String product() throws IOException {
    return options.getOrDefault("product", Layout.read(data).product());
  }

  private void beginRestore() throws IOException {
    Path from = Path.of(required("from"));
    Restore restore = restoreOf(from, sizeOf(from));
    say("checking " + from);
    Manifest manifest = restore.check(product());
    restore.begin();
    say("sound: made " + manifest.startedAt() + "; the server does not start until it is restored");
  }

  private void restore() throws IOException {
    Path from = Path.of(required("from"));
    Instant now = clock.instant();
    long total = sizeOf(from);
    Restore restore = restoreOf(from, total);
    say("checking " + from);
    Manifest manifest = restore.check(product());
    say("sound: made " + manifest.startedAt() + ", " + size(total) + "; copying");
    List<Path> kept = restore.run(now);
    for (Path each : kept) {
      say("what was there is kept as " + each);
    }
    out.printf(
        Locale.ROOT,
        "Restored %s: %s in %.1f s, revision %d%n",
        from,
        size(total),
        Duration.between(now, clock.instant()).toMillis() / 1000.0,
        manifest.revision());
  }

  private void say(String text) {
    out.println("  " + text);
  }

  private static String size(long bytes) {
    return bytes < 10 << 20
        ? "%d KiB".formatted((bytes + 1023) >> 10)
        : "%d MiB".formatted((bytes + (1 << 20) - 1) >> 20);
  }
}
