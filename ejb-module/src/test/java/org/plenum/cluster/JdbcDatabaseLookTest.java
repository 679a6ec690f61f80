package org.plenum.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.plenum.cluster.api.DatabaseStatus;
import org.plenum.cluster.api.DatabaseStatus.Replication;
import org.plenum.writer.TestDatabase;

/** How an H2 database is; PostgreSQL is asked in {@code container-tests}. */
class JdbcDatabaseLookTest {
  @Test
  void anH2DatabaseAnswersAndHasNoReplicas() throws SQLException {
    try (TestDatabase database = TestDatabase.h2()) {
      DatabaseStatus status = new JdbcDatabaseLook(database.dataSource()).get();
      assertThat(status.reachable()).isTrue();
      assertThat(status.product()).startsWith("H2 2");
      assertThat(status.replication()).isEqualTo(Replication.NONE);
    }
  }

  @Test
  void aDatabaseThatIsAwayIsSaidWithTheReason() {
    JdbcDataSource none = new JdbcDataSource();
    none.setURL("jdbc:h2:mem:none" + System.nanoTime() + ";IFEXISTS=TRUE");
    DatabaseStatus status = new JdbcDatabaseLook(none).get();
    assertThat(status.reachable()).isFalse();
    assertThat(status.fault()).isNotEmpty();
  }
}
