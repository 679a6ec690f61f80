package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.plenum.testkit.PlenumServer;
import org.plenum.testkit.PostgresServer;
import org.plenum.testkit.RestClient;

/** The server's process stands still for longer than its lease holds, while people post. */
@OnFaultyPostgres
class ServerPausedIT {
  /** Longer than the lease of three seconds. */
  private static final int PAUSE_SECONDS = 5;

  private static final int FOREIGN_LEASE_SECONDS = 6;

  private static PersistentPosters posters(Installation installation) {
    List<RestClient> people = List.of(installation.person("ada"), installation.person("grace"));
    String group = Groups.create(people.get(0), "PUBLIC", people.get(1));
    return new PersistentPosters(group, people, 4711);
  }

  private static void signal(PlenumServer server, String signal)
      throws IOException, InterruptedException {
    Process kill =
        new ProcessBuilder("kill", "-" + signal, Long.toString(server.process().pid())).start();
    assertThat(kill.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(kill.exitValue()).isZero();
  }

  private static long number(PostgresServer postgres, String query) throws SQLException {
    try (Connection connection = postgres.connect();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      result.next();
      return result.getLong(1);
    }
  }

  /** Waits by the database's clock, which is the one of leases. */
  private static void databaseSeconds(PostgresServer postgres, int seconds) throws SQLException {
    try (Connection connection = postgres.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_sleep(" + seconds + ")");
    }
  }

  @Test
  void aPauseDelaysWritesAndLosesNone(Installation installation) throws Exception {
    try (PersistentPosters posters = posters(installation)) {
      posters.awaitMore(200);
      signal(installation.server(), "STOP");
      try {
        databaseSeconds(installation.postgres(), PAUSE_SECONDS);
      } finally {
        signal(installation.server(), "CONT");
      }
      posters.awaitEachOneMore();
      posters.stop();
      posters.assertAcknowledgedIsStored();
    }
  }

  @Test
  void aServerThatLostItsLeaseInAPauseWritesNothingUntilItHasItAgain(Installation installation)
      throws Exception {
    PostgresServer postgres = installation.postgres();
    try (PersistentPosters posters = posters(installation)) {
      posters.awaitMore(200);
      signal(installation.server(), "STOP");
      long taken;
      long logged;
      try {
        databaseSeconds(postgres, PAUSE_SECONDS);
        taken = takeLease(postgres);
        logged = number(postgres, "SELECT max(revision) FROM update_log");
      } finally {
        signal(installation.server(), "CONT");
      }

      int acknowledged = posters.acknowledged();
      await()
          .atMost(Duration.ofSeconds(30))
          .pollInterval(Duration.ofMillis(100))
          .until(
              () -> {
                // Read before the look at the lease: what is there now was there before its end.
                long written = number(postgres, "SELECT max(revision) FROM update_log");
                boolean foreign =
                    number(
                            postgres,
                            "SELECT count(*) FROM writer_lease WHERE epoch = "
                                + taken
                                + " AND expires_at > CURRENT_TIMESTAMP")
                        == 1;
                if (foreign) {
                  assertThat(written).as("written under a foreign lease").isEqualTo(logged);
                }
                return !foreign;
              });
      assertThat(posters.acknowledged()).isGreaterThanOrEqualTo(acknowledged);

      posters.awaitEachOneMore();
      posters.stop();
      posters.assertAcknowledgedIsStored();
      assertThat(number(postgres, "SELECT epoch FROM writer_lease")).isGreaterThan(taken);
      assertThat(
              number(
                  postgres,
                  "SELECT count(*) FROM update_log WHERE revision > "
                      + logged
                      + " AND epoch <= "
                      + taken))
          .isZero();
    }
  }

  /** What another node does when the lease has run out; returns its epoch. */
  private static long takeLease(PostgresServer postgres) throws SQLException {
    return number(
        postgres,
        "UPDATE writer_lease SET epoch = epoch + 1, holder = 'another', expires_at ="
            + " CURRENT_TIMESTAMP + INTERVAL '"
            + FOREIGN_LEASE_SECONDS
            + " seconds' WHERE expires_at < CURRENT_TIMESTAMP RETURNING epoch");
  }
}
