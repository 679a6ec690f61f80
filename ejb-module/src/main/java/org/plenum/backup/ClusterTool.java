package org.plenum.backup;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Backup and restore of a whole cluster on this machine from the command line ({@code ./plenum
 * cluster backup}, {@code ./plenum cluster restore}): a program of its own beside the servers.
 */
public final class ClusterTool {
  private final ToolOptions options;
  private final PrintStream out;
  private final Clock clock;

  private ClusterTool(ToolOptions options, PrintStream out, Clock clock) {
    this.options = options;
    this.out = out;
    this.clock = clock;
  }

  /**
   * Runs one command.
   *
   * <pre>
   * cluster-backup  --to FOLDER [--keep N] --nodes-dir FOLDER --nodes NAME,NAME
   *                 --database-dir FOLDER --url JDBC-URL --user NAME
   *                 [--answer-seconds N] [--stall-seconds N]
   * cluster-stage   --from BACKUP --nodes-dir FOLDER --nodes NAME,NAME --database-dir FOLDER
   * cluster-restore --from BACKUP --nodes-dir FOLDER --nodes NAME,NAME --database-dir FOLDER
   *                 --replica-dir FOLDER
   * </pre>
   *
   * A node's plenum.data.dir is NAME/plenum in the folder of the nodes. Between {@code
   * cluster-stage} and {@code cluster-restore} a server replays the log of the database that the
   * first left beside {@code --database-dir}, under a name that ends with {@code .restoring}; while
   * the second runs, no database may. With {@code --keep} older backups beyond that number go. The
   * password of the database is in the environment as PGPASSWORD.
   */
  public static void main(String[] arguments) {
    System.exit(run(arguments, System.out, System.err, Clock.systemUTC()));
  }

  static int run(String[] arguments, PrintStream out, PrintStream err, Clock clock) {
    return ToolOptions.run(
        () -> {
          String command = arguments.length == 0 ? "" : arguments[0];
          ClusterTool tool = new ClusterTool(ToolOptions.of(arguments), out, clock);
          switch (command) {
            case "cluster-backup" -> tool.backup();
            case "cluster-stage" -> tool.stage();
            case "cluster-restore" -> tool.restore();
            default -> throw new IOException("unknown command '" + command + "'");
          }
        },
        err);
  }

  private Map<String, Path> nodes() throws IOException {
    Path folder = options.folder("nodes-dir");
    Map<String, Path> nodes = new LinkedHashMap<>();
    for (String name : options.required("nodes").split(",", -1)) {
      if (!name.matches("[A-Za-z0-9_-]+")) {
        throw new IOException("'" + name + "' is no name of a node");
      }
      nodes.put(name, folder.resolve(name).resolve("plenum"));
    }
    return nodes;
  }

  private void backup() throws IOException, SQLException, InterruptedException {
    long begun = System.nanoTime();
    DurableFiles files = new DurableFiles();
    PostgresCopy database =
        new PostgresCopy(
            options.required("url"),
            options.required("user"),
            System.getenv().getOrDefault("PGPASSWORD", ""),
            options.folder("database-dir"),
            files,
            this::say);
    try (BackupFolder folder = new BackupFolder(options.folder("to"), files)) {
      ClusterBackup.Made made =
          new ClusterBackup(nodes(), database, options, this::say, clock).make(folder);
      if (options.find("keep").isPresent()) {
        folder.retire(options.number("keep", 1), made.path());
      }
      out.printf(
          Locale.ROOT,
          "Backup in %s: %s in %.1f s, revision %d or later%n",
          made.path(),
          ToolOptions.size(DurableFiles.sizeOf(made.path())),
          secondsSince(begun),
          made.revision());
    }
  }

  private ClusterRestore restoreOf(Path from) throws IOException {
    long[] done = {0, System.nanoTime()};
    return new ClusterRestore(
        from,
        nodes(),
        options.folder("database-dir"),
        new DurableFiles(),
        more -> {
          done[0] += more;
          if (System.nanoTime() - done[1] > TimeUnit.SECONDS.toNanos(2)) {
            say(ToolOptions.size(done[0]) + " read");
            done[1] = System.nanoTime();
          }
        });
  }

  private void stage() throws IOException {
    Path from = options.folder("from");
    ClusterRestore restore = restoreOf(from);
    say("checking " + from);
    Manifest manifest = restore.check();
    say("sound: made " + manifest.startedAt() + ", revision " + manifest.revision() + " or later");
    say("copying the database");
    restore.stage();
  }

  private void restore() throws IOException {
    long begun = System.nanoTime();
    Path from = options.folder("from");
    Instant now = clock.instant();
    List<Path> kept = restoreOf(from).replace(List.of(options.folder("replica-dir")), now);
    for (Path each : kept) {
      say("what was there is kept as " + each);
    }
    out.printf(Locale.ROOT, "Restored %s; replaced in %.1f s%n", from, secondsSince(begun));
  }

  private static double secondsSince(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos) / 1000.0;
  }

  private void say(String text) {
    out.println("  " + text);
  }
}
