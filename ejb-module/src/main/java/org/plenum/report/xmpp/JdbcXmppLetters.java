package org.plenum.report.xmpp;

import static org.plenum.report.xmpp.XmppDatabase.prepare;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.sql.DataSource;
import org.plenum.platform.ErrorCode;
import org.plenum.report.api.XmppLetterService.XmppLetter;

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

  /** Letters that were not discarded with ids below this one, newest first. */
  List<XmppLetter> stored(long before, int most) {
    return database.transaction(
        connection -> {
          String sql =
              "SELECT id, source, archive_id, sender, reason_code, reason_detail, body, refused_at"
                  + " FROM xmpp_letter WHERE discarded_at IS NULL AND id < ?"
                  + " ORDER BY id DESC FETCH FIRST ? ROWS ONLY";
          try (PreparedStatement statement = prepare(connection, sql)) {
            statement.setLong(1, before);
            statement.setInt(2, most);
            List<XmppLetter> found = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                found.add(letter(row));
              }
            }
            return found;
          }
        });
  }

  private static XmppLetter letter(ResultSet row) throws SQLException {
    return new XmppLetter(
        row.getLong(1),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        code(row.getString(5)),
        row.getString(6),
        row.getString(7),
        row.getObject(8, OffsetDateTime.class).toInstant());
  }

  /** Another version of this product may know codes that this one does not. */
  private static ErrorCode code(String name) {
    return Arrays.stream(ErrorCode.values())
        .filter(code -> code.name().equals(name))
        .findFirst()
        .orElse(ErrorCode.INTERNAL);
  }

  /**
   * Takes the text of a letter away and leaves the mark that it is known.
   *
   * @return whether there was one
   */
  boolean discard(long id) {
    return database.transaction(
        connection -> {
          String sql =
              "UPDATE xmpp_letter SET discarded_at = CURRENT_TIMESTAMP, body = NULL"
                  + " WHERE id = ? AND discarded_at IS NULL";
          try (PreparedStatement statement = prepare(connection, sql)) {
            statement.setLong(1, id);
            return statement.executeUpdate() > 0;
          }
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
