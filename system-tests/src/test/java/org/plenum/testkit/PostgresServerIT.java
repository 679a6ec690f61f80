package org.plenum.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

class PostgresServerIT {
  @Test
  void committedRowsSurviveAKill() throws SQLException {
    Path work = Path.of(System.getProperty("plenum.work", "target/work"));
    try (PostgresServer server = PostgresServer.start(work, List.of())) {
      try (Connection connection = server.connect();
          Statement statement = connection.createStatement()) {
        statement.execute("CREATE TABLE t (v int)");
        statement.execute("INSERT INTO t VALUES (42)");
        assertThat(answer(statement, "SHOW fsync")).isEqualTo("on");
      }
      server.kill();
      server.start();
      try (Connection connection = server.connect();
          Statement statement = connection.createStatement()) {
        assertThat(answer(statement, "SELECT v FROM t")).isEqualTo("42");
        assertThat(answer(statement, "SELECT current_setting('server_version')")).startsWith("18");
      }
    }
  }

  private static String answer(Statement statement, String query) throws SQLException {
    try (ResultSet rows = statement.executeQuery(query)) {
      assertThat(rows.next()).isTrue();
      return rows.getString(1);
    }
  }
}
