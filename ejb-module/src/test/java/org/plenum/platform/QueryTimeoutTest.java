package org.plenum.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;

class QueryTimeoutTest {
  @Test
  void onH2TheConnectionKeepsTheLimitOfItsUrl() throws SQLException {
    JdbcDataSource h2 = new JdbcDataSource();
    h2.setURL("jdbc:h2:mem:limit" + System.nanoTime() + ";QUERY_TIMEOUT=30000");
    try (Connection connection = h2.getConnection()) {
      try (Statement first = connection.createStatement()) {
        QueryTimeout.set(first, 2);
      }
      try (PreparedStatement second = JdbcTransactions.prepare(connection, "SELECT 1")) {
        assertThat(second.execute()).isTrue();
      }
      try (Statement next = connection.createStatement()) {
        assertThat(next.getQueryTimeout()).isEqualTo(30);
      }
    }
  }
}
