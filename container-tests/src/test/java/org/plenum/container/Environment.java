package org.plenum.container;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.plenum.testkit.PlenumServer;
import org.plenum.testkit.PostgresServer;

/**
 * The one server and the one database cluster of a run of this module, on the test's side of the
 * wire: made at first use, stopped at the end of the run. Not thread-safe.
 */
final class Environment {
  private static @Nullable PlenumServer server;
  private static @Nullable PostgresServer postgres;
  private static @Nullable String inUse;

  private Environment() {}

  /** An unpacked Payara that is this module's alone. */
  static Path payara() {
    return property("plenum.payara.home", "target/payara7");
  }

  /** The application's archive. */
  static Path ear() {
    return property("plenum.ear", "../ear/target/plenum.ear");
  }

  /** The domain, made for PostgreSQL; running once Arquillian has started it. */
  static synchronized PlenumServer server() {
    if (server == null) {
      useThisJdk();
      inUse = url(postgres());
      server =
          PlenumServer.prepare(
              new PlenumServer.Options(
                  payara(),
                  property("plenum.project", ".."),
                  ear(),
                  work(),
                  inUse,
                  "768m",
                  Map.of("plenum.accounts.hash-iterations", "5000"),
                  PlenumServer.SHORT_LIVED));
    }
    return server;
  }

  /** Points {@code jdbc/plenum} at H2 in the domain. */
  static void useH2() {
    use(null);
  }

  /** Points {@code jdbc/plenum} at an empty database on PostgreSQL. */
  static synchronized void usePostgres() {
    use(url(postgres()));
  }

  /** As an administrator writes it; {@code domain-config} adds user and parameters. */
  private static String url(PostgresServer database) {
    return "jdbc:postgresql://127.0.0.1:%d/plenum".formatted(database.port());
  }

  /** A PostgreSQL 18 with fsync. */
  static synchronized PostgresServer postgres() {
    if (postgres == null) {
      postgres = PostgresServer.start(work(), List.of());
    }
    return postgres;
  }

  private static synchronized void use(@Nullable String url) {
    if (!Objects.equals(url, inUse)) {
      server().useDatabase(url);
      inUse = url;
    }
  }

  /** Stops what runs. */
  static synchronized void close() {
    if (server != null) {
      server.close();
      server = null;
    }
    if (postgres != null) {
      postgres.close();
      postgres = null;
    }
  }

  /** The adapter starts the server with whatever JDK the shell has; this file says which. */
  private static void useThisJdk() {
    try {
      Path file = payara().resolve("glassfish/config/asenv.conf");
      String line = "AS_JAVA=\"" + System.getProperty("java.home") + "\"\n";
      if (!Files.readString(file).contains(line)) {
        Files.writeString(file, line, StandardOpenOption.APPEND);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path work() {
    return property("plenum.work", "target/work");
  }

  private static Path property(String name, String otherwise) {
    return Path.of(System.getProperty(name, otherwise)).toAbsolutePath().normalize();
  }
}
