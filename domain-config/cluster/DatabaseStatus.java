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
 * Says in lines for people what a primary and its replica do, and who holds the writer's lease.
 *
 * <p>{@code java -cp postgresql.jar DatabaseStatus.java PRIMARY_URL REPLICA_URL USER < password-file}.
 */
class DatabaseStatus {
  public static void main(String[] arguments) throws IOException {
    Properties login = new Properties();
    login.setProperty("user", arguments[2]);
    login.setProperty(
        "password",
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine());
    login.setProperty("connectTimeout", "3");
    login.setProperty("socketTimeout", "5");
    String head = primary(arguments[0], login);
    replica(arguments[1], login, head);
  }

  /** The primary's position, or null when it does not answer. */
  private static String primary(String url, Properties login) {
    try (Connection connection = DriverManager.getConnection(url, login);
        Statement statement = connection.createStatement()) {
      String head = text(statement, "SELECT pg_current_wal_lsn()::text");
      System.out.println("  database primary   serves");
      slot(statement);
      lease(statement);
      return head;
    } catch (SQLException e) {
      System.out.println("  database primary   does not answer: " + e.getMessage());
      return null;
    }
  }

  /** A slot that is lost is never good again, and whoever starts its replica waits in vain. */
  private static void slot(Statement statement) throws SQLException {
    String slot =
        text(
            statement,
            "SELECT coalesce((SELECT wal_status FROM pg_replication_slots"
                + " WHERE slot_name = 'replica'), 'missing')");
    if (slot.equals("lost")) {
      System.out.println(
          "  slot of replica    lost: the replica can never follow; ./plenum cluster up makes it anew");
    } else if (slot.equals("missing")) {
      System.out.println(
          "  slot of replica    missing: no replica can follow; ./plenum cluster up makes one");
    }
  }

  private static void lease(Statement statement) {
    String sql =
        "SELECT split_part(holder, '/', 1) || ', epoch ' || epoch || CASE WHEN expires_at < now()"
            + " THEN ', lease ran out' ELSE '' END FROM writer_lease";
    try {
      System.out.println("  leader             " + text(statement, sql));
    } catch (SQLException e) {
      System.out.println("  leader             none yet");
    }
  }

  private static void replica(String url, Properties login, String head) {
    try (Connection connection = DriverManager.getConnection(url, login);
        Statement statement = connection.createStatement()) {
      if ("f".equals(text(statement, "SELECT pg_is_in_recovery()::text").substring(0, 1))) {
        System.out.println("  database replica   is promoted: it is a primary now");
        return;
      }
      String lag =
          head == null
              ? "unknown"
              : text(
                  statement,
                  "SELECT greatest(0, pg_wal_lsn_diff('" + head + "', pg_last_wal_replay_lsn()))");
      String following =
          text(statement, "SELECT coalesce((SELECT status FROM pg_stat_wal_receiver), 'none')");
      System.out.println(
          "  database replica   "
              + ("streaming".equals(following) ? "follows" : "does not follow")
              + ", "
              + lag
              + " bytes behind");
    } catch (SQLException e) {
      System.out.println("  database replica   does not answer: " + e.getMessage());
    }
  }

  private static String text(Statement statement, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? String.valueOf(row.getString(1)) : "";
    }
  }
}
