package org.plenum.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.plenum.platform.JdbcTransactions.prepare;
import static org.plenum.platform.JdbcTransactions.time;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.Page;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.JdbcTransactions;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.NewReport;
import org.plenum.report.api.ReportChannel;
import org.plenum.report.api.ReportEnvelope;
import org.plenum.report.api.ReportQueries;
import org.plenum.report.api.UserState;

/** Stored reports and states, from the database. Thread-safe. */
public final class JdbcReportQueries implements ReportQueries {
  private static final int USERS_AT_ONCE = 1_000;

  private final JdbcTransactions database;
  private final DatabaseTime time;

  /** Queries in this database, whose schema is migrated. */
  public JdbcReportQueries(DataSource dataSource) {
    this(dataSource, DatabaseTime.current());
  }

  JdbcReportQueries(DataSource dataSource, DatabaseTime time) {
    this.database = new JdbcTransactions(dataSource, "the reports");
    this.time = time;
  }

  private interface Binder {
    void bind(PreparedStatement statement) throws SQLException;
  }

  private interface Row<T> {
    T of(ResultSet row) throws SQLException;
  }

  private <T> List<T> rows(String sql, Binder binder, Row<T> mapper) {
    return database.transaction(connection -> rows(connection, sql, binder, mapper));
  }

  private static <T> List<T> rows(Connection connection, String sql, Binder binder, Row<T> mapper)
      throws SQLException {
    List<T> found = new ArrayList<>();
    try (PreparedStatement statement = prepare(connection, sql)) {
      binder.bind(statement);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          found.add(mapper.of(row));
        }
      }
    }
    return found;
  }

  private static String first(int rows) {
    return " FETCH FIRST " + rows + " ROWS ONLY";
  }

  @Override
  public Page<Stored> reports(@Nullable String source, @Nullable String cursor, int limit) {
    long after = number(cursor);
    String sql =
        "SELECT no, id, source, report_key, kind, user_name, device, occurred_at, received_at,"
            + " received_via, stored_at, body FROM report WHERE no > ?"
            + (source == null ? "" : " AND source = ?")
            + " ORDER BY no"
            + first(limit + 1);
    List<Stored> found =
        rows(
            sql,
            statement -> {
              statement.setLong(1, after);
              if (source != null) {
                statement.setString(2, source);
              }
            },
            JdbcReportQueries::stored);
    boolean more = found.size() > limit;
    List<Stored> items = more ? found.subList(0, limit) : found;
    return new Page<>(items, more ? Long.toString(items.getLast().no()) : null);
  }

  private static long number(@Nullable String cursor) {
    try {
      return cursor == null ? 0 : Long.parseLong(cursor);
    } catch (NumberFormatException e) {
      throw new ServiceException(ErrorCode.INVALID_CURSOR, "not a cursor of reports", null, e);
    }
  }

  private static Stored stored(ResultSet row) throws SQLException {
    NewReport report =
        new NewReport(
            row.getString("source"),
            row.getString("report_key"),
            row.getString("kind"),
            row.getString("user_name"),
            row.getString("device"),
            instant(row, "occurred_at"),
            row.getString("body"),
            ReportChannel.valueOf(row.getString("received_via")),
            null);
    return new Stored(
        row.getLong("no"),
        row.getObject("id", UUID.class),
        new ReportEnvelope(report, instant(row, "received_at")),
        instant(row, "stored_at"));
  }

  private static Instant instant(ResultSet row, String column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }

  @Override
  public Map<String, UserState> states(Collection<String> users) {
    Map<String, UserState> states = new HashMap<>();
    List<String> names = List.copyOf(users);
    String sql =
        "SELECT user_name, state FROM report_state WHERE expires_at > "
            + time.sql()
            + " AND user_name = ANY(?)";
    return database.transaction(
        connection -> {
          for (int from = 0; from < names.size(); from += USERS_AT_ONCE) {
            List<String> part = names.subList(from, Math.min(names.size(), from + USERS_AT_ONCE));
            for (Map.Entry<String, UserState> row :
                rows(
                    connection,
                    sql,
                    statement ->
                        statement.setArray(1, connection.createArrayOf("varchar", part.toArray())),
                    it -> Map.entry(it.getString(1), UserState.valueOf(it.getString(2))))) {
              states.merge(row.getKey(), row.getValue(), (a, b) -> a.compareTo(b) < 0 ? a : b);
            }
          }
          return states;
        });
  }

  @Override
  public Page<State> states(@Nullable String cursor, int limit) {
    String[] after = names(cursor);
    String sql =
        "SELECT user_name, device, state, source, report_id, confirmed_at, expires_at"
            + " FROM report_state WHERE expires_at > "
            + time.sql()
            + " AND (user_name > ? OR (user_name = ? AND device > ?))"
            + " ORDER BY user_name, device"
            + first(limit + 1);
    List<State> found =
        rows(
            sql,
            statement -> {
              statement.setString(1, after[0]);
              statement.setString(2, after[0]);
              statement.setString(3, after[1]);
            },
            row ->
                new State(
                    row.getString(1),
                    row.getString(2),
                    UserState.valueOf(row.getString(3)),
                    row.getString(4),
                    row.getObject(5, UUID.class),
                    instant(row, "confirmed_at"),
                    instant(row, "expires_at")));
    boolean more = found.size() > limit;
    List<State> items = more ? found.subList(0, limit) : found;
    return new Page<>(items, more ? cursor(items.getLast()) : null);
  }

  private static String cursor(State last) {
    String text = last.user() + '\n' + last.device();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(UTF_8));
  }

  private static String[] names(@Nullable String cursor) {
    if (cursor == null) {
      return new String[] {"", ""};
    }
    try {
      byte[] text = Base64.getUrlDecoder().decode(cursor);
      String[] names = new String(text, UTF_8).split("\n", -1);
      if (names.length == 2) {
        return names;
      }
    } catch (IllegalArgumentException e) {
      throw new ServiceException(ErrorCode.INVALID_CURSOR, "not a cursor of states", null, e);
    }
    throw new ServiceException(ErrorCode.INVALID_CURSOR, "not a cursor of states");
  }

  @Override
  public List<Summary> summaries(Instant since, int limit) {
    return rows(
        "SELECT hour_start, source, kind, reports FROM report_summary WHERE hour_start >= ?"
            + " ORDER BY hour_start DESC, reports DESC, source, kind"
            + first(limit),
        statement -> statement.setObject(1, time(since)),
        row ->
            new Summary(
                instant(row, "hour_start"), row.getString(2), row.getString(3), row.getLong(4)));
  }

  @Override
  public List<Delivery> deliveries(GroupId group, int limit) {
    return rows(
        "SELECT user_name, seq, confirmed_at FROM report_delivery WHERE group_id = ?"
            + " ORDER BY user_name"
            + first(limit),
        statement -> statement.setObject(1, group.value()),
        row -> new Delivery(row.getString(1), row.getLong(2), instant(row, "confirmed_at")));
  }
}
