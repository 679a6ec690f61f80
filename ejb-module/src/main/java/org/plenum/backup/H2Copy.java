package org.plenum.backup;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Enumeration;
import java.util.Properties;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * A copy of an H2 database that is in use. H2 copies the chunks of its file, among which is its
 * transaction log, while it goes on writing behind them; nothing is locked. The copy is then opened
 * and read: what cannot be opened is no backup.
 */
final class H2Copy {
  /** Name of the database in a backup. */
  static final String FILE = "plenum.mv.db";

  private static final String SUFFIX = ".mv.db";

  private H2Copy() {}

  /** Bytes of the file now. */
  static long fileSize(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT SETTING_VALUE FROM INFORMATION_SCHEMA.SETTINGS WHERE SETTING_NAME ="
                    + " 'info.FILE_SIZE'")) {
      return row.next() ? Long.parseLong(row.getString(1)) : 0;
    }
  }

  /** The file of the database that this connection is to. */
  static Path file(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("CALL DATABASE_PATH()")) {
      row.next();
      return Path.of(row.getString(1) + SUFFIX);
    }
  }

  /** Copies the database into a folder and says what the copy holds. */
  static DatabaseFacts copy(Connection connection, Path folder) throws IOException, SQLException {
    Path zip = folder.resolve("online.zip");
    try (Statement statement = connection.createStatement()) {
      int before = statement.getQueryTimeout(); // of the session, which others use after us
      statement.setQueryTimeout(0);
      try {
        statement.execute("BACKUP TO '" + zip.toString().replace("'", "''") + "'");
      } finally {
        statement.setQueryTimeout(before);
      }
    }
    Path file = folder.resolve(FILE);
    unpack(zip, file);
    Files.delete(zip);
    ClassLoader loader = connection.unwrap(Connection.class).getClass().getClassLoader();
    return open(file, loader);
  }

  private static void unpack(Path zip, Path file) throws IOException {
    try (ZipFile archive = new ZipFile(zip.toFile())) {
      Enumeration<? extends ZipEntry> entries = archive.entries();
      while (entries.hasMoreElements()) {
        ZipEntry entry = entries.nextElement();
        if (entry.getName().endsWith(SUFFIX)) {
          try (InputStream in = archive.getInputStream(entry)) {
            Files.copy(in, file);
          }
          return;
        }
      }
    }
    throw new IOException("H2's backup holds no database");
  }

  /**
   * Opens a copy, which undoes what was not committed in it, reads it and closes it in order.
   *
   * @param loader knows H2
   */
  static DatabaseFacts open(Path file, ClassLoader loader) throws IOException, SQLException {
    String name = file.toAbsolutePath().toString();
    String url =
        "jdbc:h2:file:"
            + name.substring(0, name.length() - SUFFIX.length())
            + ";IFEXISTS=TRUE;CACHE_SIZE=8192;DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0";
    try (Connection connection = driver(loader).connect(url, new Properties())) {
      if (connection == null) {
        throw new SQLException("H2 does not take " + url);
      }
      DatabaseFacts facts = DatabaseFacts.of(connection);
      try (Statement statement = connection.createStatement()) {
        statement.execute("SHUTDOWN");
      }
      return facts;
    }
  }

  private static Driver driver(ClassLoader loader) throws SQLException {
    try {
      return Class.forName("org.h2.Driver", true, loader)
          .asSubclass(Driver.class)
          .getDeclaredConstructor()
          .newInstance();
    } catch (ReflectiveOperationException e) {
      throw new SQLException("H2 is not on the class path", e);
    }
  }
}
