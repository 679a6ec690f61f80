package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.plenum.testkit.ChatSocket;
import org.plenum.testkit.MovableClock;
import org.plenum.testkit.PlenumServer;
import org.plenum.testkit.PostgresServer;
import org.plenum.testkit.RestClient;

/**
 * The wall clock of the server's machine is moved an hour on and two hours back while people post;
 * the database's clock, which is the one of leases, stays.
 */
@OnFaultyPostgres
class MovedClockIT {
  private static final List<Duration> OFFSETS =
      List.of(Duration.ofHours(1), Duration.ofHours(-1), Duration.ZERO);
  private static final int SEED = 4711;

  private RestClient ada;
  private RestClient grace;
  private PostgresServer postgres;

  @Test
  void orderLeaseTokensReadPositionsAndTheLossWindowHold(Installation installation)
      throws Exception {
    Optional<Path> library = MovableClock.library();
    assumeTrue(
        library.isPresent(),
        "libfaketime is not installed; on Debian: apt-get install libfaketime");
    PlenumServer server = installation.server();
    MovableClock clock = new MovableClock(library.get(), server.domain().resolve("clock"));
    server.stop();
    server.restart(clock.environment());
    try {
      postgres = installation.postgres();
      ada = installation.person("ada");
      grace = installation.person("grace");
      move(installation, clock);
    } finally {
      server.stop();
      server.restart();
    }
  }

  private void move(Installation installation, MovableClock clock) throws Exception {
    String busy = Groups.create(ada, "PUBLIC", grace);
    String calm = Groups.create(ada, "PUBLIC", grace);
    long epoch = number("SELECT epoch FROM writer_lease");
    long read = 0;
    try (PersistentPosters posters = new PersistentPosters(busy, List.of(ada, grace), SEED);
        ChatSocket live = ChatSocket.open(grace)) {
      posters.awaitMore(100);
      for (Duration offset : OFFSETS) {
        String person = account();
        clock.move(offset);

        JsonNode posted = postAgainWhenCutOff(calm, "at " + offset);
        long seq = posted.path("seq").asLong();
        JsonNode entry = live.awaitEntry(calm, e -> e.path("seq").asLong() == seq);
        assertThat(Instant.parse(entry.path("at").asText()))
            .as("the server's clock is moved")
            .isCloseTo(Instant.now().plus(offset), within(20, ChronoUnit.SECONDS));
        posters.awaitEachOneMore();
        posters.awaitMore(100);
        fromMemoryItIsStoredSoon(calm);
        read = readToTheHead(calm, read);
        isLockedOutByNoPasswordChange(installation, person);
      }
      posters.stop();
      posters.assertAcknowledgedIsStored();
      assertThat(live.closed()).isNotDone();
    }
    List<JsonNode> history = Groups.history(grace, calm);
    assertThat(Groups.seqs(history))
        .isEqualTo(LongStream.rangeClosed(1, history.size()).boxed().toList());
    assertThat(number("SELECT epoch FROM writer_lease"))
        .as("one lease throughout")
        .isEqualTo(epoch);
  }

  /**
   * By a clock that went forward the server's kept connections are idle for too long and are
   * closed, maybe under a request; whoever repeats it under its key has one message.
   */
  private JsonNode postAgainWhenCutOff(String group, String text) {
    Map<String, String> key = Map.of("Idempotency-Key", UUID.randomUUID().toString());
    String path = "/groups/" + group + "/messages";
    try {
      return ada.send("POST", path, Map.of("text", text), key).expect(201).body();
    } catch (UncheckedIOException e) {
      return ada.send("POST", path, Map.of("text", text), key).expect(201).body();
    }
  }

  /** The loss window is 50 ms, whatever the clock says. */
  private void fromMemoryItIsStoredSoon(String group) {
    long seq =
        ada.send(
                "POST",
                "/groups/" + group + "/messages",
                Map.of("text", "from memory"),
                Map.of("Plenum-Durability", "MEMORY"))
            .expect(201)
            .body()
            .path("seq")
            .asLong();
    await()
        .atMost(Duration.ofSeconds(5))
        .pollInterval(Duration.ofMillis(20))
        .until(
            () ->
                number("SELECT max(seq) FROM timeline_entry WHERE group_id = '" + group + "'")
                    >= seq);
  }

  private long readToTheHead(String group, long before) {
    JsonNode head = Groups.mine(ada, group).path("head");
    grace
        .put("/groups/" + group + "/read-position", Map.of("seq", head.path("seq").asLong()))
        .expect(200);
    await()
        .atMost(Duration.ofSeconds(10))
        .until(
            () ->
                Groups.mine(grace, group).path("readPosition").path("seq").asLong()
                    >= head.path("seq").asLong());
    JsonNode position = Groups.mine(grace, group).path("readPosition");
    assertThat(position.path("seq").asLong()).isGreaterThan(before);
    assertThat(position.path("no").asLong()).isEqualTo(head.path("no").asLong());
    return position.path("seq").asLong();
  }

  /** Somebody whose password was changed just now. */
  private String account() {
    String name = "clock-" + UUID.randomUUID().toString().substring(0, 8);
    JsonNode made =
        ada.post(
                "/accounts", Map.of("name", name, "displayName", name, "password", "given-" + name))
            .expect(201)
            .body();
    change(made.path("id").asLong(), "first-" + name);
    return name;
  }

  /** Sign-ins count, though by the clock they are before the change of the password. */
  private void isLockedOutByNoPasswordChange(Installation installation, String name) {
    RestClient first = installation.anonymous().signIn(name, "first-" + name);
    first.get("/me").expect(200);
    change(first.id(), "second-" + name);
    installation.anonymous().signIn(name, "second-" + name).get("/me").expect(200);
  }

  private void change(long account, String password) {
    ada.put("/accounts/" + account + "/password", Map.of("password", password)).expect(204);
  }

  private long number(String query) throws SQLException {
    try (Connection connection = postgres.connect();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      result.next();
      return result.getLong(1);
    }
  }
}
