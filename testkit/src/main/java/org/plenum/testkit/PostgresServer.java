package org.plenum.testkit;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * A PostgreSQL 18 of its own: binaries from Maven Central, a fresh cluster on a free loopback port,
 * fsync on as in production. Runs for root too, through a user namespace. Stopped by {@link #close}
 * and, whatever happens, by a shutdown hook. Not thread-safe.
 */
public final class PostgresServer implements AutoCloseable {
  private static final String ARCHIVE = "postgres-linux-x86_64.txz";
  private static final Duration COMMAND_LIMIT = Duration.ofMinutes(1);

  private final Path home;
  private final Path directory;
  private final Path log;
  private final int port;
  private final Thread hook = new Thread(this::stopQuietly, "stop-postgresql");

  private PostgresServer(Path home, Path directory, int port) {
    this.home = home;
    this.directory = directory;
    this.log = directory.resolve("commands.log");
    this.port = port;
  }

  /**
   * Unpacks the binaries when needed, makes a cluster and starts it.
   *
   * @param work a folder for binaries and clusters
   * @param settings further lines of postgresql.conf
   */
  public static PostgresServer start(Path work, List<String> settings) {
    try {
      Path home = unpacked(work.toAbsolutePath());
      Path directory = Files.createTempDirectory(Files.createDirectories(work), "postgres-");
      PostgresServer server = new PostgresServer(home, directory.toAbsolutePath(), FreePorts.one());
      Runtime.getRuntime().addShutdownHook(server.hook);
      server.initialise(settings);
      server.start();
      server.createDatabase("plenum");
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A standby of this cluster that follows by streaming, named so to this one; a copy of its data,
   * for which this one is stopped for a moment. For the caller to close.
   */
  public PostgresServer replica(String name) {
    try {
      Path copy = Files.createTempDirectory(directory.getParent(), "postgres-replica-");
      PostgresServer replica = new PostgresServer(home, copy, FreePorts.one());
      stop();
      try {
        Folders.copy(directory.resolve("data"), copy.resolve("data"));
      } finally {
        start();
      }
      Files.setPosixFilePermissions(
          copy.resolve("data"), PosixFilePermissions.fromString("rwx------"));
      Files.deleteIfExists(copy.resolve("data/postmaster.pid"));
      Files.write(
          copy.resolve("data/postgresql.conf"),
          List.of(
              "port = " + replica.port,
              "unix_socket_directories = '" + copy + "'",
              "primary_conninfo = 'host=127.0.0.1 port=%d user=plenum application_name=%s'"
                  .formatted(port, name),
              "hot_standby = on"),
          StandardOpenOption.APPEND);
      Files.createFile(copy.resolve("data/standby.signal"));
      Runtime.getRuntime().addShutdownHook(replica.hook);
      replica.start();
      return replica;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A server on a copy of this one's data that was made while it ran: replays the copied log in
   * single-user mode, as {@code ./plenum cluster restore} does, and starts. For the caller to
   * close.
   *
   * @param data the copy, which becomes the server's
   */
  public PostgresServer onCopy(Path data) {
    try {
      Path copy = Files.createTempDirectory(directory.getParent(), "postgres-copy-");
      PostgresServer server = new PostgresServer(home, copy, FreePorts.one());
      Files.move(data, copy.resolve("data"));
      Files.write(
          copy.resolve("data/postgresql.conf"),
          List.of("port = " + server.port, "unix_socket_directories = '" + copy + "'"),
          StandardOpenOption.APPEND);
      ExternalProcess.run(
          command(
              "postgres",
              "--single",
              "-D",
              server.data(),
              "-c",
              "synchronous_standby_names=",
              "-c",
              "exit_on_error=on",
              "postgres"),
          Map.of(),
          server.log,
          COMMAND_LIMIT);
      Runtime.getRuntime().addShutdownHook(server.hook);
      server.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes a standby a primary, and returns when it takes writes. */
  public void promote() {
    control("promote", "-w", "-t", "50");
  }

  /** Stops the postmaster and its children in their tracks, or lets them go on. */
  public void signal(String name) {
    ProcessHandle postmaster = ProcessHandle.of(pid()).orElseThrow();
    List<String> line = new ArrayList<>(List.of("kill", "-" + name, Long.toString(pid())));
    postmaster.descendants().forEach(child -> line.add(Long.toString(child.pid())));
    ExternalProcess.run(line, Map.of(), log, COMMAND_LIMIT);
  }

  /** The loopback port. */
  public int port() {
    return port;
  }

  /** The URL of a database in this cluster, with batched inserts, for user {@code plenum}. */
  public String jdbcUrl(String database) {
    return "jdbc:postgresql://127.0.0.1:%d/%s?user=plenum&reWriteBatchedInserts=true"
        .formatted(port, database);
  }

  /** A connection to the database {@code plenum}; the caller closes it. */
  public Connection connect() throws SQLException {
    return DriverManager.getConnection(jdbcUrl("plenum"));
  }

  /** Makes an empty database. */
  public void createDatabase(String name) {
    try (Connection connection = DriverManager.getConnection(jdbcUrl("postgres"));
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The postmaster's process id as the machine sees it. */
  public long pid() {
    try {
      return Long.parseLong(
          Files.readAllLines(directory.resolve("data/postmaster.pid")).get(0).trim());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the postmaster is there. */
  public boolean isRunning() {
    return Files.exists(directory.resolve("data/postmaster.pid"))
        && ProcessHandle.of(pid()).isPresent();
  }

  /** Starts the cluster and waits until it accepts connections. */
  public void start() {
    control("start", "-w", "-t", "50", "-l", directory.resolve("server.log").toString());
  }

  /** Stops the cluster; open connections are cut. */
  public void stop() {
    control("stop", "-m", "fast", "-w");
  }

  /** Kills the postmaster and all its children as a power cut would. */
  public void kill() {
    ProcessHandle postmaster = ProcessHandle.of(pid()).orElseThrow();
    List<ProcessHandle> children = postmaster.descendants().toList();
    postmaster.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
    postmaster.onExit().join();
    children.forEach(child -> child.onExit().join());
  }

  /** The folder of this cluster: {@code data}, {@code server.log}, {@code commands.log}. */
  public Path directory() {
    return directory;
  }

  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(hook);
    stopQuietly();
  }

  private void stopQuietly() {
    if (Files.exists(directory.resolve("data/postmaster.pid"))) {
      ExternalProcess.runForCode(
          command("pg_ctl", "-D", data(), "stop", "-m", "immediate", "-w"),
          Map.of(),
          log,
          COMMAND_LIMIT);
    }
  }

  private void initialise(List<String> settings) throws IOException {
    ExternalProcess.run(
        command("initdb", "-D", data(), "-U", "plenum", "-A", "trust", "-E", "UTF8", "--no-locale"),
        Map.of(),
        log,
        COMMAND_LIMIT);
    List<String> lines = new ArrayList<>();
    lines.add("listen_addresses = '127.0.0.1'");
    lines.add("port = " + port);
    lines.add("unix_socket_directories = '" + directory + "'");
    lines.add("fsync = on");
    lines.add("synchronous_commit = on");
    lines.addAll(settings);
    Files.write(directory.resolve("data/postgresql.conf"), lines, StandardOpenOption.APPEND);
  }

  private void control(String... arguments) {
    List<String> line = command("pg_ctl", "-D", data());
    line.addAll(List.of(arguments));
    ExternalProcess.run(line, Map.of(), log, COMMAND_LIMIT);
  }

  private String data() {
    return directory.resolve("data").toString();
  }

  /** PostgreSQL refuses to run as root, so root hands it a user namespace. */
  private List<String> command(String program, String... arguments) {
    List<String> line = new ArrayList<>();
    if ("root".equals(System.getProperty("user.name"))) {
      line.add("unshare");
      line.add("-U");
    }
    line.add(home.resolve("bin").resolve(program).toString());
    line.addAll(List.of(arguments));
    return line;
  }

  static synchronized Path unpacked(Path work) throws IOException {
    Path home = work.resolve("postgresql-18");
    Path done = home.resolve(".unpacked");
    if (Files.exists(done)) {
      return home;
    }
    try (InputStream archive = archive();
        TarArchiveInputStream tar =
            new TarArchiveInputStream(
                new XZCompressorInputStream(new BufferedInputStream(archive, 1 << 16)))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        extract(tar, entry, home);
      }
    }
    Files.createFile(done);
    return home;
  }

  private static InputStream archive() throws IOException {
    InputStream direct = PostgresServer.class.getResourceAsStream("/" + ARCHIVE);
    if (direct == null) {
      throw new IOException(ARCHIVE + " is not on the class path");
    }
    return direct;
  }

  private static void extract(TarArchiveInputStream tar, TarArchiveEntry entry, Path home)
      throws IOException {
    Path target = home.resolve(entry.getName()).normalize();
    if (!target.startsWith(home)) {
      throw new IOException("entry outside of the archive: " + entry.getName());
    }
    if (entry.isDirectory()) {
      Files.createDirectories(target);
    } else if (entry.isSymbolicLink()) {
      Files.createDirectories(target.getParent());
      Files.deleteIfExists(target);
      Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
    } else {
      Files.createDirectories(target.getParent());
      Files.deleteIfExists(target);
      Files.copy(tar, target);
      if ((entry.getMode() & 0100) != 0) {
        Set<PosixFilePermission> permissions =
            EnumSet.copyOf(Files.getPosixFilePermissions(target));
        permissions.add(PosixFilePermission.OWNER_EXECUTE);
        permissions.add(PosixFilePermission.GROUP_EXECUTE);
        permissions.add(PosixFilePermission.OTHERS_EXECUTE);
        Files.setPosixFilePermissions(target, permissions);
      }
    }
  }
}
