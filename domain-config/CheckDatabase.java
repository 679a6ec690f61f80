import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

/**
 * Tries a PostgreSQL database before a server is set up for it, and says in one sentence what is wrong.
 *
 * <p>{@code java -cp postgresql.jar CheckDatabase.java URL USER < password-file}. The password comes by standard input,
 * so no list of processes shows it. Ends with 0 when the database can be used, with 1 and a sentence when not.
 */
class CheckDatabase {
  private static final int OLDEST = 14;

  public static void main(String[] arguments) throws IOException {
    Properties login = new Properties();
    login.setProperty("user", arguments[1]);
    String password =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
    if (password != null && !password.isEmpty()) {
      login.setProperty("password", password);
    }
    login.setProperty("connectTimeout", "5");
    login.setProperty("socketTimeout", "10");
    String problem = problem(arguments[0], arguments[1], login);
    if (problem != null) {
      System.out.println(problem);
      System.exit(1);
    }
  }

  private static String problem(String url, String user, Properties login) {
    try (Connection connection = DriverManager.getConnection(url, login);
        Statement statement = connection.createStatement()) {
      int major = connection.getMetaData().getDatabaseMajorVersion();
      if (major < OLDEST) {
        return "it is PostgreSQL " + major + "; " + OLDEST + " or newer is needed";
      }
      String encoding = text(statement, "SHOW server_encoding");
      if (!"UTF8".equals(encoding)) {
        return "its encoding is " + encoding + "; UTF8 is needed";
      }
      if (!"t".equals(text(statement, "SELECT has_schema_privilege(current_schema(), 'CREATE')"))) {
        return "the user " + user + " may not make tables in it; let that user own the database";
      }
      return null;
    } catch (SQLException e) {
      return sentence(e, user);
    }
  }

  private static String sentence(SQLException e, String user) {
    String state = String.valueOf(e.getSQLState());
    String message = String.valueOf(e.getMessage());
    switch (state) {
      case "28P01":
        return "the password of the user " + user + " is wrong";
      case "08004":
        return "it asks for a password, and none was given";
      case "28000":
        return "it does not let the user " + user + " in: " + message;
      case "3D000":
        return "the server answers, but has no database of that name: " + message;
      default:
        if (e.getCause() instanceof UnknownHostException) {
          return "its host is not known: " + e.getCause().getMessage();
        }
        return message.startsWith("No suitable driver") || message.startsWith("Unable to parse")
            ? "its URL is not understood; it looks like jdbc:postgresql://host:port/name"
            : message;
    }
  }

  private static String text(Statement statement, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? row.getString(1) : "";
    }
  }
}
