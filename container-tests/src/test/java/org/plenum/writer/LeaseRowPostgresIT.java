package org.plenum.writer;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.plenum.container.SharedPostgres;
import org.plenum.update.EntryCodec;

/** A writer that is stopped in mid-transaction does not keep the lease from the next one. */
@Timeout(60)
class LeaseRowPostgresIT {
  private static final int LEASE_SECONDS = 2;

  private TestDatabase database;
  private JdbcGroupStore store;
  private long epoch;

  @BeforeEach
  void open() throws Exception {
    database = TestDatabase.postgres(SharedPostgres.url());
    store = new JdbcGroupStore(database.dataSource, database, new EntryCodec());
    epoch = store.acquire("first", "", LEASE_SECONDS);
  }

  @AfterEach
  void close() throws Exception {
    database.close();
  }

  private JdbcWriterLease.Fence fence() {
    return new JdbcWriterLease.Fence(epoch, "first", 0);
  }

  /** What leaves the transaction as a stopped process does. */
  private interface Step {
    void on(Connection connection) throws SQLException;
  }

  private void nextWriterTakesTheLeaseAfter(Step step) throws SQLException {
    try (Connection stopped = database.connect()) {
      stopped.setAutoCommit(false);
      step.on(stopped);
      database.inNew(
          connection -> {
            try (Statement statement = connection.createStatement()) {
              return statement.execute("SELECT pg_sleep(" + (LEASE_SECONDS + 1) + ")");
            }
          });
      assertThat(store.acquire("second", "", LEASE_SECONDS)).isGreaterThan(epoch);
      assertThat(stopped.isValid(5)).as("the stopped one's session").isFalse();
    }
  }

  @Test
  void afterABatch() throws Exception {
    PostgresRowWriter rows = new PostgresRowWriter();
    nextWriterTakesTheLeaseAfter(
        connection ->
            assertThat(rows.write(connection, List.of(), fence(), LEASE_SECONDS)).isTrue());
  }

  @Test
  void afterARenewal() throws Exception {
    PostgresRowWriter rows = new PostgresRowWriter();
    nextWriterTakesTheLeaseAfter(
        connection -> {
          rows.boundPause(connection, LEASE_SECONDS);
          assertThat(JdbcWriterLease.fence(connection, fence(), LEASE_SECONDS)).isTrue();
        });
  }
}
