package org.plenum.report.xmpp;

import static org.plenum.report.xmpp.XmppDatabase.prepare;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.List;
import javax.sql.DataSource;

/** Letters in the database, the newest of each source up to a bound. */
final class JdbcXmppLetters implements XmppLetters {
  private final XmppDatabase database;
  private final int limit;

  JdbcXmppLetters(DataSource dataSource, int limit) {
    this.database = new XmppDatabase(dataSource, "the dead letters of XMPP servers");
    this.limit = limit;
  }

  @Override
  public void keep(List<Letter> letters) {
    database.transaction(
        connection -> {
          for (Letter letter : letters) {
            insert(connection, letter);
          }
          return trim(connection, letters.getLast().source());
        });
  }

  private static void insert(Connection connection, Letter letter) throws SQLException {
    String sql =
        """
        INSERT INTO xmpp_letter (source, archive_id, sender, reason_code, reason_detail, body, refused_at)
          SELECT ?, ?, ?, ?, ?, ?, ? WHERE NOT EXISTS
            (SELECT 1 FROM xmpp_letter WHERE source = ? AND archive_id = ?)
        """;
    try (PreparedStatement statement = prepare(connection, sql)) {
      statement.setString(1, letter.source());
      statement.setString(2, letter.archiveId());
      statement.setString(3, letter.sender());
      statement.setString(4, letter.code().name());
      statement.setString(5, letter.detail());
      statement.setString(6, letter.text());
      statement.setObject(7, letter.at().atOffset(ZoneOffset.UTC));
      statement.setString(8, letter.source());
      statement.setString(9, letter.archiveId());
      statement.executeUpdate();
    }
  }

  private int trim(Connection connection, String source) throws SQLException {
    String bound =
        "SELECT id FROM xmpp_letter WHERE source = ? ORDER BY id DESC OFFSET ? ROWS FETCH NEXT 1"
            + " ROW ONLY";
    try (PreparedStatement statement = prepare(connection, bound)) {
      statement.setString(1, source);
      statement.setInt(2, limit);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? delete(connection, source, row.getLong(1)) : 0;
      }
    }
  }

  private static int delete(Connection connection, String source, long last) throws SQLException {
    try (PreparedStatement statement =
        prepare(connection, "DELETE FROM xmpp_letter WHERE source = ? AND id <= ?")) {
      statement.setString(1, source);
      statement.setLong(2, last);
      return statement.executeUpdate();
    }
  }
}
