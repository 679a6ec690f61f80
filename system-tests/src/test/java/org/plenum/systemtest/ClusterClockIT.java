package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plenum.testkit.ClusterServers;
import org.plenum.testkit.MovableClock;
import org.plenum.testkit.RestClient;

/**
 * The clock of one node is moved an hour on and two hours back while people chat, first while it
 * follows and then while it leads: leases go by the database's clock alone, so nothing changes.
 */
class ClusterClockIT extends ClusterFaults {
  private static final List<Duration> OFFSETS =
      List.of(Duration.ofHours(1), Duration.ofHours(-1), Duration.ZERO);

  @TempDir private static Path folder;

  private static String moved = "";

  /** The next class finds no node with a clock of its own. */
  @AfterAll
  static void clocksAreRightAgain() {
    if (!moved.isEmpty()) {
      ClusterServers.kill(cluster.node(moved));
      cluster.up();
    }
  }

  @Test
  void theClockOfOneNodeAnHourOffChangesNothing() throws Exception {
    Optional<Path> library = MovableClock.library();
    assumeTrue(
        library.isPresent(),
        "libfaketime is not installed; on Debian: apt-get install libfaketime");
    MovableClock clock = new MovableClock(library.get(), folder.resolve("clock"));
    moved = cluster.follower();
    ClusterServers.kill(cluster.node(moved));
    cluster.up(clock.environment());
    whilePeopleChat(
        (posters, random) -> {
          String other = cluster.leader();
          assertThat(other).isNotEqualTo(moved);
          move(clock, moved, posters);
          assertThat(cluster.leader())
              .as("leads while the follower's clock moves")
              .isEqualTo(other);

          ClusterServers.kill(cluster.node(other));
          awaitOther(other);
          posters.awaitEachOneMore();
          // With a clock of its own the other one would not prove anything.
          startWhatWasKilled();
          move(clock, moved, posters);
          assertThat(cluster.leader()).as("leads while its clock moves").isEqualTo(moved);
        });
  }

  private static void move(MovableClock clock, String node, PersistentPosters posters) {
    for (Duration offset : OFFSETS) {
      clock.move(offset);
      isBy(offset, node);
      posters.takeLongest();
      posters.awaitEachOneMore();
      posters.awaitMore(200);
      System.out.printf(
          "ClusterClockIT: %s %s: longest wait %d ms, REST failed %d times%n",
          node, offset, posters.takeLongest().toMillis(), posters.takeFailures(false).size());
    }
  }

  /** The node itself goes by the moved clock; who signs in there is known at every node. */
  private static void isBy(Duration offset, String node) {
    RestClient[] ada = new RestClient[1];
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              ada[0] = cluster.anonymous(node).signIn("ada", "demo-ada");
              assertThat(issued(ada[0]))
                  .isCloseTo(Instant.now().plus(offset), within(60, ChronoUnit.SECONDS));
            });
    for (String each : cluster.nodes()) {
      at(each, ada[0]).get("/groups").expect(200);
    }
  }

  private static Instant issued(RestClient person) throws IOException {
    String claims = Optional.ofNullable(person.token()).orElseThrow().split("\\.", -1)[1];
    return Instant.ofEpochSecond(
        new ObjectMapper().readTree(Base64.getUrlDecoder().decode(claims)).path("iat").asLong());
  }
}
