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
 * <p>{@code java -cp postgresql.jar DatabaseStatus.java PRIMARY_URL WHERE REPLICA_URL WHERE USER < password-file}; WHERE is what
 * to say about its place. Exit code 1: not both are as they should be.
 */
class DatabaseStatus {
  public static void main(String[] arguments) throws IOException {
    Properties login = new Properties();
    login.setProperty("user", arguments[4]);
    login.setProperty(
        "password",
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine());
    login.setProperty("connectTimeout", "3");
    login.setProperty("socketTimeout", "5");
    String head = primary(arguments[0], arguments[1], login);
    boolean follows = replica(arguments[2], arguments[3], login, head);
    System.exit(head != null && follows ? 0 : 1);
  }

  /** The primary's position, or null when it does not answer. */
  private static String primary(String url, String where, Properties login) {
    try (Connection connection = DriverManager.getConnection(url, login);
        Statement statement = connection.createStatement()) {
      String head = text(statement, "SELECT pg_current_wal_lsn()::text");
      System.out.println("  database primary   serves " + where);
      slot(statement);
      lease(statement);
      return head;
    } catch (SQLException e) {
      System.out.println("  database primary   does not answer " + where + ": " + e.getMessage());
      System.out.println("  leader             none while the database is away: writes wait");
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
          "  slot of replica    lost: the replica can never follow; the next cluster up makes it anew");
    } else if (slot.equals("missing")) {
      System.out.println(
          "  slot of replica    missing: no replica can follow; the next cluster up makes one");
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

  /** Whether it follows. */
  private static boolean replica(String url, String where, Properties login, String head) {
    try (Connection connection = DriverManager.getConnection(url, login);
        Statement statement = connection.createStatement()) {
      if ("f".equals(text(statement, "SELECT pg_is_in_recovery()::text").substring(0, 1))) {
        System.out.println("  database replica   is promoted: it is a primary now " + where);
        return false;
      }
      String lag =
          head == null
              ? "unknown"
              : text(
                  statement,
                  "SELECT greatest(0, pg_wal_lsn_diff('" + head + "', pg_last_wal_replay_lsn()))");
      String following =
          text(statement, "SELECT coalesce((SELECT status FROM pg_stat_wal_receiver), 'none')");
      boolean follows = "streaming".equals(following);
      System.out.println(
          "  database replica   "
              + (follows ? "follows, " : "does not follow, ")
              + lag
              + " bytes behind "
              + where);
      return follows;
    } catch (SQLException e) {
      System.out.println("  database replica   does not answer " + where + ": " + e.getMessage());
      return false;
    }
  }

  private static String text(Statement statement, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? String.valueOf(row.getString(1)) : "";
    }
  }
}
