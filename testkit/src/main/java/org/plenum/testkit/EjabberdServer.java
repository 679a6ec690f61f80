package org.plenum.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** ejabberd with its archive in SQLite, a node of its own without distribution. */
public final class EjabberdServer extends XmppServer {
  private static final Path LIBRARIES = Path.of("/usr/lib/x86_64-linux-gnu");

  private final Path config;

  private EjabberdServer(Path work) {
    super(work, "ejabberd-");
    config =
        write(
            "ejabberd.yml",
            """
            hosts: [%1$s]
            loglevel: info
            auth_method: internal
            # The message archive, for all accounts, in SQL.
            default_db: sql
            sql_type: sqlite
            sql_database: "%2$s/archive.sqlite"
            shaper_rules:
              max_user_sessions: 10
            listen:
              - port: %3$d
                ip: "127.0.0.1"
                module: ejabberd_c2s
                max_stanza_size: 262144
                shaper: none
                access: all
                starttls: false
            modules:
              mod_disco: {}
              mod_ping: {}
              mod_register:
                access: all
                ip_access: all
              mod_roster:
                db_type: mnesia
              mod_stream_mgmt: {}
              mod_mam:
                db_type: sql
                default: always
            registration_timeout: infinity
            """
                .formatted(DOMAIN, folder(), port()));
  }

  /** Starts one. */
  public static EjabberdServer start(Path work) {
    EjabberdServer server = new EjabberdServer(work);
    server.start();
    return server;
  }

  /** Whether this machine has ejabberd. */
  public static boolean isInstalled() {
    try {
      return Files.isDirectory(code());
    } catch (IllegalStateException e) {
      return false;
    }
  }

  /** Where Debian has ejabberd's code. */
  public static Path code() {
    try (Stream<Path> folders = Files.list(LIBRARIES)) {
      return folders
          .filter(folder -> folder.getFileName().toString().startsWith("ejabberd-"))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalStateException(
                      "ejabberd is not installed: apt-get install ejabberd erlang-p1-sqlite3"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  ProcessBuilder command() {
    ProcessBuilder builder =
        new ProcessBuilder(
            List.of(
                "erl",
                "-noinput",
                "+K",
                "true",
                "-pa",
                code().resolve("ebin").toString(),
                "-mnesia",
                "dir",
                "\"" + folder().resolve("spool") + "\"",
                "-s",
                "ejabberd"));
    builder.environment().put("ERL_LIBS", LIBRARIES.toString());
    builder.environment().put("EJABBERD_CONFIG_PATH", config.toString());
    builder.environment().put("EJABBERD_LOG_PATH", folder().resolve("ejabberd.log").toString());
    return builder;
  }
}
