package org.plenum.backup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.plenum.report.api.ReportBackup;

/**
 * Fills the draft of a backup from a server that runs. The order is what makes the parts fit: the
 * journal of reports first, then the database. A report is acknowledged to the journal only when
 * its effects are committed, so whatever the copied journal does not hold any more is in the copied
 * database; what is in both has its effect once, because effects know the ids of their reports.
 */
final class Filling {
  static final String DATABASE = "database";
  static final String KEYS = "keys";
  static final String KEY = "token-signing.jwk";
  static final String REPORTS = "reports";

  private final DataSource dataSource;
  private final ReportBackup reports;
  private final Path keyFile;
  private final long reserve;
  private final DurableFiles files;

  Filling(
      DataSource dataSource, ReportBackup reports, Path keyFile, long reserve, DurableFiles files) {
    this.dataSource = dataSource;
    this.reports = reports;
    this.keyFile = keyFile;
    this.reserve = reserve;
    this.files = files;
  }

  /**
   * Fills a draft; on PostgreSQL with everything but the database.
   *
   * @return what the copied database holds; on PostgreSQL, what it held at the beginning
   */
  DatabaseFacts fill(Path draft) throws IOException, SQLException {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(true);
      DatabaseFacts facts = DatabaseFacts.of(connection);
      boolean h2 = facts.product().equals(DatabaseFacts.H2);
      checkRoom(draft, h2 ? H2Copy.fileSize(connection) : 0);
      Path journal = draft.resolve(REPORTS);
      files.makeFolder(journal);
      if (!reports.copyTo(journal)) {
        copyClosedJournal(reports.folder(), journal, files);
      }
      if (Files.isRegularFile(keyFile)) {
        files.copy(keyFile, draft.resolve(KEYS).resolve(KEY));
      }
      if (h2) {
        Path database = draft.resolve(DATABASE);
        files.makeFolder(database);
        facts = H2Copy.copy(connection, database);
      }
      return facts;
    }
  }

  /** A disk that is full stops the database that may be on it too: better no backup. */
  private void checkRoom(Path draft, long databaseBytes) throws IOException {
    long free = Files.getFileStore(draft).getUsableSpace();
    // H2 packs its copy first, and that stays until it is unpacked.
    long needed = 2 * databaseBytes + DurableFiles.sizeOf(reports.folder()) + reserve;
    if (free < needed) {
      throw new IOException(
          "%s has %d MiB free; a backup takes up to %d MiB, and %d MiB stay free"
              .formatted(draft.getParent(), free >> 20, (needed - reserve) >> 20, reserve >> 20));
    }
  }

  /** Copies the files of a journal that nobody has open. */
  static void copyClosedJournal(Path from, Path to, DurableFiles files) throws IOException {
    for (Path file : DurableFiles.filesOf(from)) {
      String name = from.relativize(file).toString();
      if (!name.equals("lock") && !name.startsWith("spare")) {
        files.copy(file, to.resolve(name));
      }
    }
  }
}
