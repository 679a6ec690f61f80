package org.plenum.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.plenum.testkit.EjabberdServer;
import org.plenum.testkit.FreePorts;
import org.plenum.testkit.PostgresServer;

/**
 * The peer: ejabberd as Debian ships it, one instance of our own on loopback, rooms with message
 * archive in the same PostgreSQL, no shaper. Stopped by {@link #close} and by a shutdown hook.
 */
final class Ejabberd implements AutoCloseable {
  /** The XMPP domain. */
  static final String HOST = "bench.local";

  private static final Path LIBRARIES = Path.of("/usr/lib/x86_64-linux-gnu");
  private static final Path SCHEMA = Path.of("/usr/share/ejabberd/sql/pg.sql");

  private final Process process;
  private final int port;
  private final PostgresServer postgres;
  private final Thread hook;

  private Ejabberd(Process process, int port, PostgresServer postgres) {
    this.process = process;
    this.port = port;
    this.postgres = postgres;
    this.hook = new Thread(process::destroyForcibly, "stop-ejabberd");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Starts it with this many accounts, u0 and up. */
  static Ejabberd start(Path work, PostgresServer postgres, int accounts)
      throws IOException, SQLException {
    postgres.createDatabase("ejabberd");
    try (var connection = DriverManager.getConnection(postgres.jdbcUrl("ejabberd"));
        Statement statement = connection.createStatement()) {
      statement.execute(Files.readString(SCHEMA));
      statement.execute(
          "INSERT INTO users (username, password) SELECT 'u' || n, 'secret' FROM generate_series(0,"
              + " "
              + (accounts - 1)
              + ") n");
    }
    Path folder = Files.createTempDirectory(Files.createDirectories(work), "ejabberd-");
    int port = FreePorts.one();
    Path config = folder.resolve("ejabberd.yml");
    Files.writeString(config, configuration(port, postgres.port()));
    ProcessBuilder builder =
        new ProcessBuilder(
            "erl",
            "-noinput",
            "+K",
            "true",
            "+P",
            "250000",
            "-pa",
            EjabberdServer.code().resolve("ebin").toString(),
            "-mnesia",
            "dir",
            "\"" + Files.createDirectories(folder.resolve("spool")) + "\"",
            "-s",
            "ejabberd");
    builder.environment().put("ERL_LIBS", LIBRARIES.toString());
    builder.environment().put("EJABBERD_CONFIG_PATH", config.toString());
    builder.environment().put("EJABBERD_LOG_PATH", folder.resolve("ejabberd.log").toString());
    builder.directory(folder.toFile());
    builder.redirectErrorStream(true);
    builder.redirectOutput(folder.resolve("console.log").toFile());
    Ejabberd started = new Ejabberd(builder.start(), port, postgres);
    started.awaitPort(folder);
    return started;
  }

  private static String configuration(int port, int databasePort) {
    return """
    hosts: [%s]
    loglevel: info
    auth_method: sql
    auth_password_format: plain
    default_db: mnesia
    sql_type: pgsql
    sql_server: "127.0.0.1"
    sql_port: %d
    sql_database: ejabberd
    sql_username: plenum
    sql_password: ""
    sql_pool_size: 10
    max_fsm_queue: 100000
    listen:
      - port: %d
        ip: "127.0.0.1"
        module: ejabberd_c2s
        max_stanza_size: 262144
        shaper: none
        access: all
        starttls: false
    modules:
      mod_muc:
        access: all
        access_create: all
        access_persistent: all
        max_users: 5000
        history_size: 0
        default_room_options:
          mam: true
          persistent: true
          allow_subscription: false
          max_users: 5000
      mod_mam:
        db_type: sql
        default: never
    """
        .formatted(HOST, databasePort, port);
  }

  private void awaitPort(Path folder) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (System.nanoTime() < end && process.isAlive()) {
      try {
        new Socket(InetAddress.getLoopbackAddress(), port).close();
        return;
      } catch (IOException e) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
      }
    }
    throw new IOException(
        "ejabberd did not start: "
            + Files.readString(folder.resolve("console.log"), StandardCharsets.ISO_8859_1));
  }

  /** The port for clients. */
  int port() {
    return port;
  }

  /** The server's process. */
  ProcessHandle process() {
    return process.toHandle();
  }

  /** How many messages of rooms are in the archive. */
  long archived() throws SQLException {
    try (var connection = DriverManager.getConnection(postgres.jdbcUrl("ejabberd"));
        Statement statement = connection.createStatement();
        var row =
            statement.executeQuery(
                "SELECT count(*), count(DISTINCT (username, txt)) FROM archive WHERE kind ="
                    + " 'groupchat'")) {
      row.next();
      if (row.getLong(1) != row.getLong(2)) {
        throw new SQLException("a message is in the archive twice");
      }
      return row.getLong(1);
    }
  }

  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(hook);
    process.destroyForcibly();
    process.onExit().join();
  }
}
