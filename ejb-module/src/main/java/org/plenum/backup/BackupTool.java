package org.plenum.backup;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
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
  private final PrintStream out;
  private final Clock clock;
  private final ToolOptions options;
  private final Path data;

  private BackupTool(ToolOptions options, PrintStream out, Clock clock) throws IOException {
    this.options = options;
    this.out = out;
    this.clock = clock;
    this.data = options.folder("data");
  }

  /**
   * Runs one command.
   *
   * <pre>
   * backup  --data FOLDER [--to FOLDER] [--product h2|postgresql] [--pg-database URL]
   *         [--pg-dump FILE] [--url JDBC-URL --user NAME] [--database dump|elsewhere]
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
    return ToolOptions.run(
        () -> {
          String command = arguments.length == 0 ? "" : arguments[0];
          BackupTool tool = new BackupTool(ToolOptions.of(arguments), out, clock);
          switch (command) {
            case "backup" -> tool.backup();
            case "restore" -> tool.restore();
            case "restore-begin" -> tool.beginRestore();
            case "verify" -> tool.verify();
            default -> throw new IOException("unknown command '" + command + "'");
          }
        },
        err);
  }

  // ---- backup -----------------------------------------------------------------------------------

  private void backup() throws IOException, SQLException, InterruptedException {
    NodeFiles node = new NodeFiles(data, options, this::say);
    Layout layout = node.layout();
    String product = options.find("product").orElse(layout.product());
    boolean running = node.running();
    @Nullable String to = options.find("to").orElse(null);
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
            running ? node.filledByServer(draft) : filledFromFiles(draft, node, product, files);
        if (!facts.product().equals(DatabaseFacts.H2) && !databaseElsewhere()) {
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
            ToolOptions.size(DurableFiles.sizeOf(whole)),
            Duration.between(now, clock.instant()).toMillis() / 1000.0,
            facts.revision());
      } catch (IOException | SQLException | InterruptedException | RuntimeException e) {
        folder.abandon(draft);
        throw e;
      }
    }
  }

  private DatabaseFacts filledFromFiles(
      Path draft, NodeFiles node, String product, DurableFiles files)
      throws IOException, SQLException {
    node.copyStopped(draft, files);
    if (!product.equals(DatabaseFacts.H2)) {
      try (Connection connection =
          DriverManager.getConnection(
              options.required("url"),
              options.required("user"),
              System.getenv().getOrDefault("PGPASSWORD", ""))) {
        return DatabaseFacts.of(connection);
      }
    }
    Path database = node.layout().database();
    if (!Files.isRegularFile(database)) {
      throw new IOException("there is no database in " + database);
    }
    say("copying " + ToolOptions.size(Files.size(database)));
    Path copy = draft.resolve(Filling.DATABASE).resolve(H2Copy.FILE);
    files.copy(database, copy);
    node.refuseWhileStarted();
    return H2Copy.open(copy, BackupTool.class.getClassLoader());
  }

  /** In a cluster one dump is enough: the last, since it must be later than every journal. */
  private boolean databaseElsewhere() throws IOException {
    String value = options.find("database").orElse("dump");
    if (!value.equals("dump") && !value.equals("elsewhere")) {
      throw new IOException("--database takes dump or elsewhere, not '" + value + "'");
    }
    return value.equals("elsewhere");
  }

  /** Has pg_dump write the database into the draft; what it says goes to the user. */
  private void dump(Path draft) throws IOException, InterruptedException {
    Path file = draft.resolve(Filling.DATABASE).resolve("plenum.dump");
    new DurableFiles().makeFolder(draft.resolve(Filling.DATABASE));
    List<String> command =
        List.of(
            options.find("pg-dump").orElse("pg_dump"),
            "--format=custom",
            "--exclude-schema=before_restore_*", // what a restore has kept
            "--file=" + file,
            "--dbname=" + options.required("pg-database"));
    say("pg_dump");
    Process process = new ProcessBuilder(command).inheritIO().start();
    while (!process.waitFor(2, TimeUnit.SECONDS)) {
      say(ToolOptions.size(DurableFiles.sizeOf(draft)) + " written");
    }
    if (process.exitValue() != 0) {
      throw new IOException("pg_dump failed, see above");
    }
  }

  // ---- restore ----------------------------------------------------------------------------------

  private void verify() throws IOException {
    Path from = options.folder("from");
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
        ToolOptions.size(DurableFiles.sizeOf(from)));
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
            say(ToolOptions.size(done[0]) + " of " + ToolOptions.size(2 * total) + " read");
            done[1] = System.nanoTime();
          }
        });
  }

  private static long sizeOf(Path from) throws IOException {
    return Files.isDirectory(from) ? DurableFiles.sizeOf(from) : 0;
  }

  private String product() throws IOException {
    return options.find("product").orElse(Layout.read(data).product());
  }

  private void beginRestore() throws IOException {
    Path from = Path.of(options.required("from"));
    Restore restore = restoreOf(from, sizeOf(from));
    say("checking " + from);
    Manifest manifest = restore.check(product());
    restore.begin();
    say("sound: made " + manifest.startedAt() + "; the server does not start until it is restored");
  }

  private void restore() throws IOException {
    Path from = Path.of(options.required("from"));
    Instant now = clock.instant();
    long total = sizeOf(from);
    Restore restore = restoreOf(from, total);
    say("checking " + from);
    Manifest manifest = restore.check(product());
    say("sound: made " + manifest.startedAt() + ", " + ToolOptions.size(total) + "; copying");
    List<Path> kept = restore.run(now);
    for (Path each : kept) {
      say("what was there is kept as " + each);
    }
    out.printf(
        Locale.ROOT,
        "Restored %s: %s in %.1f s, revision %d%n",
        from,
        ToolOptions.size(total),
        Duration.between(now, clock.instant()).toMillis() / 1000.0,
        manifest.revision());
  }

  private void say(String text) {
    out.println("  " + text);
  }
}
