package org.plenum.backup;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.QueryTimeout;

/**
 * Copies the files of a PostgreSQL that runs on this machine and is written to, by its own
 * low-level interface: {@code pg_backup_start}, the files, {@code pg_backup_stop}, and the
 * write-ahead log from the one to the other, which a temporary replication slot keeps. A server
 * that starts on the copy replays that log and is as of the end of the copying. Needs no program of
 * PostgreSQL's beside the server. For one thread.
 */
final class PostgresCopy {
  private static final Duration STATEMENT_LIMIT = Duration.ofMinutes(5);
  private static final Duration SAY = Duration.ofSeconds(2);

  /** What must stay free on the disk: the database may be on it. */
  private static final long RESERVE = 512L << 20;

  private static final long SEGMENTS_PER_LOG = 1L << 32;
  private static final String LOG = "pg_wal";
  private static final String LABEL = "backup_label";
  private static final Path CONTROL = Path.of("global", "pg_control");
  private static final String SEGMENT = "[0-9A-F]{24}";

  /** Of the process, or of no meaning for another one; the label and the map are made anew. */
  private static final Set<String> LEFT_OUT =
      Set.of(
          "postmaster.pid",
          "postmaster.opts",
          "standby.signal",
          "recovery.signal",
          "backup_manifest",
          "tablespace_map",
          LABEL,
          LABEL + ".old");

  /** Folders that a server finds empty, or fills itself. */
  private static final Set<String> EMPTY =
      Set.of(
          LOG,
          "pg_dynshmem",
          "pg_notify",
          "pg_replslot",
          "pg_serial",
          "pg_snapshots",
          "pg_stat_tmp",
          "pg_subtrans");

  private final String url;
  private final Properties access = new Properties();
  private final Path data;
  private final DurableFiles files;
  private final Consumer<String> say;

  /**
   * For one server.
   *
   * @param url a JDBC URL of Plenum's database in it
   * @param user a superuser of it, or one that may call what this calls
   * @param data its data folder
   * @param say is told how far it is
   */
  PostgresCopy(
      String url,
      String user,
      String password,
      Path data,
      DurableFiles files,
      Consumer<String> say) {
    this.url = url;
    this.access.setProperty("user", user);
    this.access.setProperty("password", password);
    this.access.setProperty("connectTimeout", "10");
    this.access.setProperty("socketTimeout", Long.toString(STATEMENT_LIMIT.toSeconds()));
    this.access.setProperty("tcpKeepAlive", "true");
    this.data = data;
    this.files = files;
    this.say = say;
  }

  /** What it holds now. */
  DatabaseFacts facts() throws SQLException {
    try (Connection connection = DriverManager.getConnection(url, access)) {
      return DatabaseFacts.of(connection);
    }
  }

  /**
   * Copies everything; on the disk it is after {@link DurableFiles#forceTree}.
   *
   * @return what it held when the copying began; the copy holds at least that
   * @throws IOException that says why it cannot be copied, or what is missing in the copy
   */
  DatabaseFacts copyTo(Path into) throws IOException, SQLException {
    try (Connection connection = DriverManager.getConnection(url, access);
        Statement statement = connection.createStatement()) {
      QueryTimeout.set(statement, (int) STATEMENT_LIMIT.toSeconds());
      refuse(statement, into);
      // From here on no segment of the log goes; the slot ends with the connection.
      statement.execute(
          "SELECT pg_create_physical_replication_slot('plenum_backup_%d', true, true)"
              .formatted(ProcessHandle.current().pid()));
      DatabaseFacts facts = DatabaseFacts.of(connection);
      statement.execute("SELECT pg_backup_start('plenum', true)");
      copyFiles(into);
      Ended ended = end(statement);
      files.write(into.resolve(LABEL), ended.label());
      long segment =
          number(
              statement, "SELECT setting::bigint FROM pg_settings WHERE name = 'wal_segment_size'");
      copyLog(into, ended.first(), ended.last(), segment);
      return facts;
    }
  }

  /** What a server needs to begin with the copy: a label, and these segments of the log. */
  private record Ended(String label, String first, String last) {}

  private static Ended end(Statement statement) throws IOException {
    try (ResultSet row =
        statement.executeQuery(
            "SELECT labelfile, pg_walfile_name(lsn),"
                + " substring(labelfile FROM 'START WAL LOCATION: .*[(]file ([0-9A-F]+)[)]')"
                + " FROM pg_backup_stop(false)")) {
      if (!row.next()) {
        throw new IOException("PostgreSQL did not end its backup");
      }
      return new Ended(
          String.valueOf(row.getString(1)),
          String.valueOf(row.getString(3)),
          String.valueOf(row.getString(2)));
    } catch (SQLException e) {
      throw new IOException(
          "PostgreSQL gave the backup up while its files were copied; its log says why"
              + " (max_slot_wal_keep_size may be too small): "
              + e.getMessage(),
          e);
    }
  }

  private void refuse(Statement statement, Path into) throws IOException, SQLException {
    Path there = Path.of(text(statement, "SHOW data_directory"));
    if (!Files.isDirectory(data) || !Files.isSameFile(there, data)) {
      throw new IOException(
          "the database at %s has its files in %s, and not in %s".formatted(url, there, data));
    }
    if (text(statement, "SELECT pg_is_in_recovery()").equals("t")) {
      throw new IOException("the database at " + url + " is a replica: copy the primary");
    }
    try (Stream<Path> spaces = Files.list(data.resolve("pg_tblspc"))) {
      if (spaces.findAny().isPresent()) {
        throw new IOException("the database has tablespaces, which are not copied: use pg_dump");
      }
    }
    long needed = DurableFiles.sizeOf(data) + RESERVE;
    long free = Files.getFileStore(into.toAbsolutePath().getParent()).getUsableSpace();
    if (free < needed) {
      throw new IOException(
          "%s has %d MiB free; the copy takes up to %d MiB, and %d MiB stay free"
              .formatted(into.getParent(), free >> 20, (needed - RESERVE) >> 20, RESERVE >> 20));
    }
  }

  private void copyFiles(Path into) throws IOException {
    long[] shown = {System.nanoTime()};
    long[] copied = {0};
    files.makeFolder(into);
    Files.walkFileTree(
        data,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            Path name = data.relativize(folder);
            files.makeFolder(into.resolve(name));
            return EMPTY.contains(name.toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Path name = data.relativize(file);
            if (name.toString().equals(LOG)) {
              files.makeFolder(into.resolve(name)); // a link to a folder elsewhere
            } else if (wanted(name)) {
              copyUnlessGone(file, into.resolve(name));
              copied[0] += attributes.size();
            }
            if (System.nanoTime() - shown[0] > SAY.toNanos()) {
              say.accept(ToolOptions.size(copied[0]) + " copied");
              shown[0] = System.nanoTime();
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException fault) throws IOException {
            return goOnIfGone(fault);
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException fault)
              throws IOException {
            return fault == null ? FileVisitResult.CONTINUE : goOnIfGone(fault);
          }
        });
    files.copyUnforced(
        data.resolve(CONTROL), into.resolve(CONTROL)); // last: it is of the latest state
  }

  private static boolean wanted(Path name) {
    String last = String.valueOf(name.getFileName());
    return !name.equals(CONTROL)
        && !(name.getNameCount() == 1 && LEFT_OUT.contains(last))
        && !last.startsWith("pgsql_tmp")
        && !last.startsWith("pg_internal.init");
  }

  private static FileVisitResult goOnIfGone(IOException fault) throws IOException {
    if (fault instanceof NoSuchFileException) {
      return FileVisitResult.CONTINUE; // dropped meanwhile; the log says so too
    }
    throw fault;
  }

  private void copyUnlessGone(Path from, Path to) throws IOException {
    try {
      files.copyUnforced(from, to);
    } catch (NoSuchFileException e) {
      if (Files.exists(from)) {
        throw e;
      }
    }
  }

  /** Every segment from the first to the last, and the histories of timelines. */
  private void copyLog(Path into, String first, String last, long segment) throws IOException {
    say.accept("the write-ahead log, from " + first + " to " + last);
    Path from = data.resolve(LOG);
    TreeMap<Long, String> found = new TreeMap<>();
    try (Stream<Path> all = Files.list(from)) {
      for (Path each : all.toList()) {
        String name = String.valueOf(each.getFileName());
        if (name.endsWith(".history")) {
          files.copyUnforced(each, into.resolve(LOG).resolve(name));
        } else if (name.matches(SEGMENT)
            && name.startsWith(first.substring(0, 8))
            && name.compareTo(first) >= 0
            && name.compareTo(last) <= 0) {
          found.put(position(name, segment), name);
        }
      }
    }
    for (long wanted = position(first, segment); wanted <= position(last, segment); wanted++) {
      String name = found.get(wanted);
      if (name == null) {
        throw new IOException(
            "PostgreSQL did not keep its write-ahead log long enough (max_slot_wal_keep_size):"
                + " segment "
                + wanted
                + " of those from "
                + first
                + " to "
                + last
                + " is gone");
      }
      Path copy = into.resolve(LOG).resolve(name);
      files.copyUnforced(from.resolve(name), copy);
      if (Files.size(copy) != segment) {
        throw new IOException(copy + " is not whole");
      }
    }
  }

  private static long position(String name, long segment) {
    return Long.parseLong(name.substring(8, 16), 16) * (SEGMENTS_PER_LOG / segment)
        + Long.parseLong(name.substring(16), 16);
  }

  private static String text(Statement statement, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? String.valueOf(row.getString(1)) : "";
    }
  }

  private static long number(Statement statement, String sql) throws SQLException {
    return Long.parseLong(text(statement, sql));
  }

  /** Whether a server has replayed the log of a copy, so that it is a database like any other. */
  static List<String> problems(Path copy) {
    List<String> problems = new ArrayList<>();
    if (!Files.isRegularFile(copy.resolve("PG_VERSION"))) {
      problems.add("there is no copied database in " + copy);
    }
    if (Files.exists(copy.resolve(LABEL))) {
      problems.add("no server has replayed the log of " + copy);
    }
    return problems;
  }
}
