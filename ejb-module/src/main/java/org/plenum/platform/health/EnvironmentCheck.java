package org.plenum.platform.health;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Logger;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import javax.sql.DataSource;
import org.plenum.platform.config.DataFolder;

/** What the application finds around it; each method answers a sentence for each problem. */
final class EnvironmentCheck {
  private static final Logger LOG = Logger.getLogger(EnvironmentCheck.class.getName());
  private static final List<String> MESSAGING =
      List.of(
          "jms/plenum/ConnectionFactory",
          "jms/plenum/GroupCommandQueue",
          "jms/plenum/GroupUpdateTopic",
          "jms/plenum/ReportQueue",
          "jms/plenum/ReportTopic");
  private static final int H2_MAJOR = 2;
  private static final int POSTGRESQL_MAJOR = 14;

  private final HealthConfig bounds;
  private String databaseName = "unknown";

  EnvironmentCheck(HealthConfig bounds) {
    this.bounds = bounds;
  }

  /** Product and version, after {@link #database}. */
  String databaseName() {
    return databaseName;
  }

  /** The folder exists, or can be made, and is writable. */
  List<String> folder(Path folder) {
    try {
      Files.createDirectories(folder);
      Files.delete(Files.createTempFile(folder, "check", ".tmp"));
      return List.of();
    } catch (IOException | SecurityException e) {
      return List.of(
          "plenum.data.dir: the folder "
              + folder.toAbsolutePath()
              + " cannot be written: "
              + e.getMessage());
    }
  }

  /** The folder is not half restored. */
  static List<String> wholeness(Path folder) {
    Path mark = folder.resolve(DataFolder.UNFINISHED_RESTORE);
    return Files.notExists(mark)
        ? List.of()
        : List.of(
            "a restore was interrupted and left the files of this node half replaced: restore the"
                + " same backup again, or another one ('./plenum restore FOLDER'); nothing of what"
                + " was there before is deleted. The mark is "
                + mark.toAbsolutePath());
  }

  /** The data source is there, answers, and is a supported product with a sane clock. */
  List<String> database(String name) {
    Object found;
    try {
      found = lookup(name);
    } catch (NamingException e) {
      return List.of("there is no JDBC resource " + name + " (domain-config/apply makes it)");
    }
    if (!(found instanceof DataSource dataSource)) {
      return List.of(name + " is no data source but a " + found.getClass().getName());
    }
    try (Connection connection = dataSource.getConnection()) {
      return database(connection);
    } catch (SQLException e) {
      return List.of("the database behind " + name + " does not answer: " + e.getMessage());
    }
  }

  private List<String> database(Connection connection) throws SQLException {
    List<String> problems = new ArrayList<>();
    DatabaseMetaData about = connection.getMetaData();
    String product = about.getDatabaseProductName();
    int major = about.getDatabaseMajorVersion();
    databaseName = product + " " + about.getDatabaseProductVersion();
    switch (product) {
      case "H2" -> {
        if (major < H2_MAJOR) {
          problems.add("H2 " + major + " is too old; " + H2_MAJOR + " or newer is needed");
        }
      }
      case "PostgreSQL" -> {
        if (major < POSTGRESQL_MAJOR) {
          problems.add(
              "PostgreSQL " + major + " is too old; " + POSTGRESQL_MAJOR + " or newer is needed");
        }
        String encoding = text(connection, "SHOW server_encoding");
        if (!"UTF8".equals(encoding)) {
          problems.add("the database's encoding is " + encoding + "; UTF8 is needed");
        }
        if ("off".equals(text(connection, "SHOW fsync"))) {
          LOG.warning("PostgreSQL runs with fsync off: acknowledged messages can be lost");
        }
      }
      default -> problems.add(product + " is not supported; H2 and PostgreSQL are");
    }
    problems.addAll(clock(connection));
    return problems;
  }

  /** Leases and times of entries need clocks that agree roughly. */
  private List<String> clock(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT CURRENT_TIMESTAMP")) {
      row.next();
      Instant theirs = row.getObject(1, OffsetDateTime.class).toInstant();
      Duration difference = Duration.between(theirs, Instant.now()).abs();
      return difference.compareTo(bounds.clockDifference()) <= 0
          ? List.of()
          : List.of(
              "the clocks of this host and of the database differ by "
                  + difference.toSeconds()
                  + " s; at most "
                  + bounds.clockDifference().toSeconds()
                  + " s are accepted (plenum.health.clock-difference)");
    }
  }

  /** The JMS resources are there. */
  List<String> messaging() {
    List<String> problems = new ArrayList<>();
    for (String name : MESSAGING) {
      try {
        lookup(name);
      } catch (NamingException e) {
        problems.add("there is no JMS resource " + name + " (domain-config/apply makes it)");
      }
    }
    return problems;
  }

  @SuppressWarnings("BanJNDI") // constant names of our own, in the container's naming service
  private static Object lookup(String name) throws NamingException {
    return InitialContext.doLookup(name);
  }

  private static String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? String.valueOf(row.getString(1)) : "";
    }
  }
}
