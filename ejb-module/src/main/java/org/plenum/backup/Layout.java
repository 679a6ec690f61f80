package org.plenum.backup;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/**
 * Where a node has what a backup holds. The server writes it down at its start, so that the command
 * line, which knows no configuration, finds it when the server is stopped.
 *
 * @param product of the database, {@code h2} or {@code postgresql}
 * @param database file of an H2 database; of no meaning otherwise
 * @param keyFile the key that signs tokens of the embedded realm
 * @param reports folder of the journal
 * @param reader folder of the reader's snapshots
 * @param backups folder of the backups
 * @param keep how many are kept there
 */
record Layout(
    String product,
    Path database,
    Path keyFile,
    Path reports,
    Path reader,
    Path backups,
    int keep) {
  /** Folder for what server and command line tell each other, in the data folder. */
  static final String CONTROL = "control";

  private static final String FILE = "layout";

  /** The layout of a node that says nothing else. */
  static Layout standard(Path data) {
    return new Layout(
        DatabaseFacts.H2,
        data.resolve("database").resolve(H2Copy.FILE),
        data.resolve("keys").resolve("token-signing.jwk"),
        data.resolve("reports"),
        data.resolve("reader"),
        data.resolve("backups"),
        5);
  }

  void write(Path data, DurableFiles files) throws IOException {
    files.write(
        data.resolve(CONTROL).resolve(FILE),
        """
        product=%s
        database=%s
        keyFile=%s
        reports=%s
        reader=%s
        backups=%s
        keep=%d
        """
            .formatted(
                product,
                text(database),
                text(keyFile),
                text(reports),
                text(reader),
                text(backups),
                keep));
  }

  private static String text(Path path) {
    return path.toAbsolutePath().normalize().toString().replace("\\", "\\\\");
  }

  /** What the server wrote down last, or the standard. */
  static Layout read(Path data) throws IOException {
    Layout standard = standard(data);
    Path file = data.resolve(CONTROL).resolve(FILE);
    if (!Files.isRegularFile(file)) {
      return standard;
    }
    Properties found = new Properties();
    found.load(new StringReader(Files.readString(file)));
    return new Layout(
        found.getProperty("product", standard.product()),
        path(found, "database", standard.database()),
        path(found, "keyFile", standard.keyFile()),
        path(found, "reports", standard.reports()),
        path(found, "reader", standard.reader()),
        path(found, "backups", standard.backups()),
        Integer.parseInt(found.getProperty("keep", Integer.toString(standard.keep()))));
  }

  private static Path path(Properties found, String name, Path otherwise) {
    String value = found.getProperty(name);
    return value == null ? otherwise : Path.of(value);
  }
}
