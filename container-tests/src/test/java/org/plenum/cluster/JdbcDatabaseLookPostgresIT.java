package org.plenum.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.plenum.cluster.api.DatabaseStatus;
import org.plenum.container.SharedPostgres;
import org.plenum.writer.TestDatabase;

/** How a PostgreSQL is, with a place for a replica that is not there. */
class JdbcDatabaseLookPostgresIT {
  @Test
  void aReplicaWithAPlaceThatIsAwayIsSaid() throws SQLException {
    String slot = "look_" + UUID.randomUUID().toString().substring(0, 8);
    try (TestDatabase database = TestDatabase.postgres(SharedPostgres.url());
        Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_create_physical_replication_slot('" + slot + "', true)");
      try {
        DatabaseStatus status = new JdbcDatabaseLook(database.dataSource()).get();
        assertThat(status.reachable()).isTrue();
        assertThat(status.product()).startsWith("PostgreSQL 18");
        assertThat(status.replication().visible()).isTrue();
        assertThat(status.replication().standby()).isFalse();
        assertThat(status.replication().replicas()).isEmpty();
        assertThat(status.replication().slots())
            .anySatisfy(
                found -> {
                  assertThat(found.name()).isEqualTo(slot);
                  assertThat(found.connected()).isFalse();
                  assertThat(found.keptBytes()).isNotNegative();
                });
      } finally {
        statement.execute("SELECT pg_drop_replication_slot('" + slot + "')");
      }
    }
  }
}
