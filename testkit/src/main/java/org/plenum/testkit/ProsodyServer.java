package org.plenum.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Prosody with its archive in SQLite; for root too. */
public final class ProsodyServer extends XmppServer {
  private static final Path PROGRAM = Path.of("/usr/bin/prosody");

  private final Path config;

  private ProsodyServer(Path work, boolean tls, String settings) {
    super(work, "prosody-");
    if (tls) {
      certificate();
    }
    config =
        write(
            "prosody.cfg.lua",
            """
            run_as_root = true
            pidfile = "%1$s/prosody.pid"
            data_path = "%1$s/data"
            interfaces = { "127.0.0.1" }
            c2s_ports = { %2$d }
            log = { info = "%1$s/prosody.log" }
            modules_enabled = { "roster", "saslauth", "tls", "disco", "ping", "smacks", "register_ibr", "mam" }
            modules_disabled = { "s2s", "offline" }
            allow_registration = true
            allow_unencrypted_plain_auth = true
            c2s_require_encryption = %3$s
            authentication = "internal_hashed"
            -- The message archive, for all accounts, in SQL, for ever.
            default_archive_policy = true
            archive_expires_after = "never"
            max_archive_query_results = 250
            storage = { archive = "sql" }
            sql = { driver = "SQLite3", database = "%1$s/archive.sqlite" }
            %4$s
            VirtualHost "%5$s"
            %6$s
            """
                .formatted(
                    folder(),
                    port(),
                    tls,
                    settings,
                    DOMAIN,
                    tls
                        ? "ssl = { key = \"%1$s/key.pem\", certificate = \"%1$s/certificate.pem\" }"
                            .formatted(folder())
                        : ""));
    try {
      Files.createDirectories(folder().resolve("data"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts one without encryption, whose archive keeps everything. */
  public static ProsodyServer start(Path work) {
    return started(new ProsodyServer(work, false, ""));
  }

  /** Starts one that requires STARTTLS, with a certificate of its own for its domain. */
  public static ProsodyServer startEncrypted(Path work) {
    return started(new ProsodyServer(work, true, ""));
  }

  private static ProsodyServer started(ProsodyServer server) {
    server.start();
    return server;
  }

  /** Whether this machine has Prosody. */
  public static boolean isInstalled() {
    return Files.isExecutable(PROGRAM);
  }

  /** The certificate, which signed itself. */
  public Path certificateFile() {
    return folder().resolve("certificate.pem");
  }

  private void certificate() {
    ExternalProcess.run(
        List.of(
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=" + DOMAIN,
            "-addext",
            "subjectAltName=DNS:" + DOMAIN,
            "-keyout",
            folder().resolve("key.pem").toString(),
            "-out",
            certificateFile().toString()),
        Map.of(),
        folder().resolve("commands.log"),
        Duration.ofMinutes(1));
  }

  /** Makes an account by the server's own command, which needs no connection. */
  public void makeAccount(String user, String password) {
    ExternalProcess.run(
        List.of(
            "prosodyctl",
            "--root",
            "--config",
            config.toString(),
            "register",
            user,
            DOMAIN,
            password),
        Map.of(),
        folder().resolve("commands.log"),
        Duration.ofMinutes(1));
  }

  /** Deletes the whole archive of all accounts, as an expiry would; while it does not run. */
  public void emptyArchive() {
    try {
      Files.deleteIfExists(folder().resolve("archive.sqlite"));
      Files.deleteIfExists(folder().resolve("archive.sqlite-journal"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  ProcessBuilder command() {
    return new ProcessBuilder(PROGRAM.toString(), "--config", config.toString(), "-F");
  }
}
