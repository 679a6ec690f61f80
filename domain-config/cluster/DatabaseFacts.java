import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

/**
 * Says in lines {@code NAME.key=value} for a script how far a primary and its replica are.
 *
 * <p>{@code java -cp postgresql.jar DatabaseFacts.java USER NAME=URL... < password-file}, one after the other. Of each:
 * {@code position}, the bytes of the log that it has on disk (a replica: received or replayed); {@code revision} of the
 * update log, empty without one; of a primary {@code replica}, the state in which it sends to it or "away", and
 * {@code slot}, its wal_status or "missing"; of a replica {@code committed}, when the last commit that it has was made.
 * Of one that does not answer within seconds {@code error} alone.
 */
class DatabaseFacts {
  private static final String POSITION =
      "SELECT CASE WHEN pg_is_in_recovery() THEN greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())"
          + " ELSE pg_current_wal_flush_lsn() END - '0/0'::pg_lsn";
  private static final String SENDS =
      "SELECT coalesce((SELECT state FROM pg_stat_replication WHERE application_name = 'replica' LIMIT 1), 'away')";
  private static final String SLOT =
      "SELECT coalesce((SELECT wal_status FROM pg_replication_slots WHERE slot_name = 'replica'), 'missing')";

  public static void main(String[] arguments) throws IOException {
    Properties login = new Properties();
    login.setProperty("user", arguments[0]);
    login.setProperty(
        "password",
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine());
    login.setProperty("connectTimeout", "3");
    login.setProperty("loginTimeout", "3");
    login.setProperty("socketTimeout", "5");
    for (int i = 1; i < arguments.length; i++) {
      String[] database = arguments[i].split("=", 2);
      facts(database[0], database[1], login);
    }
  }

  private static void facts(String name, String url, Properties login) {
    try (Connection connection = DriverManager.getConnection(url, login);
        Statement statement = connection.createStatement()) {
      StringBuilder facts = new StringBuilder();
      add(facts, name, "position", text(statement, POSITION));
      add(facts, name, "revision", revision(statement));
      if (text(statement, "SELECT pg_is_in_recovery()").equals("t")) {
        add(facts, name, "committed", text(statement, "SELECT pg_last_xact_replay_timestamp()"));
      } else {
        add(facts, name, "replica", text(statement, SENDS));
        add(facts, name, "slot", text(statement, SLOT));
      }
      System.out.print(facts);
    } catch (SQLException e) {
      StringBuilder error = new StringBuilder();
      add(error, name, "error", String.valueOf(e.getMessage()).replaceAll("\\s+", " "));
      System.out.print(error);
    }
  }

  private static String revision(Statement statement) throws SQLException {
    return text(statement, "SELECT to_regclass('public.update_log')").isEmpty()
        ? ""
        : text(statement, "SELECT coalesce(max(revision), 0) FROM public.update_log");
  }

  private static void add(StringBuilder facts, String name, String key, String value) {
    facts.append(name).append('.').append(key).append('=').append(value).append('\n');
  }

  private static String text(Statement statement, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      String value = row.next() ? row.getString(1) : null;
      return value == null ? "" : value;
    }
  }
}
