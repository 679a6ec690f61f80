package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.plenum.testkit.RestClient;

/**
 * The server is killed while many clients post; then what was acknowledged is compared with what is
 * stored. Rounds: {@code -Dplenum.kill.rounds}; seed: {@code -Dplenum.seed}.
 */
@ExtendWith(OnPostgres.class)
class KillLoopIT {
  private static final int ROUNDS = Integer.getInteger("plenum.kill.rounds", 5);
  private static final List<String> PEOPLE = List.of("ada", "grace", "alan", "linus", "margaret");

  @Test
  void everyAcknowledgedMessageIsStoredOnceGaplessAndInOrder(Installation installation)
      throws Exception {
    long seed = Long.getLong("plenum.seed", System.nanoTime());
    System.out.println("KillLoopIT: plenum.seed=" + seed + ", rounds=" + ROUNDS);
    Random random = new Random(seed);
    List<RestClient> people = PEOPLE.stream().map(installation::person).toList();
    String group =
        Groups.create(
            people.get(0), "PUBLIC", people.subList(1, people.size()).toArray(RestClient[]::new));
    AtomicBoolean stopped = new AtomicBoolean();
    List<PersistentPoster> posters = new ArrayList<>();
    for (int i = 0; i < 2 * people.size(); i++) {
      posters.add(
          new PersistentPoster(
              people.get(i / 2),
              group,
              "client " + i,
              i % 2 == 0,
              random.nextLong(),
              stopped::get));
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      posters.forEach(poster -> running.add(threads.submit(poster)));
      for (int round = 0; round < ROUNDS; round++) {
        awaitMore(posters, running, 200 + random.nextInt(400));
        installation.server().kill();
        installation.server().restart();
        awaitEachOneMore(posters, running);
      }
      stopped.set(true);
      for (Future<?> future : running) {
        future.get(1, TimeUnit.MINUTES);
      }
    }
    List<PersistentPoster.Acknowledged> acknowledged =
        posters.stream()
            .flatMap(poster -> poster.acknowledged().stream())
            .sorted(Comparator.comparingLong(PersistentPoster.Acknowledged::seq))
            .toList();
    System.out.println("KillLoopIT: " + acknowledged.size() + " acknowledged");

    List<JsonNode> history = Groups.history(people.get(0), group);
    assertThat(Groups.seqs(history))
        .isEqualTo(LongStream.rangeClosed(1, history.size()).boxed().toList());
    assertThat(posted(history)).isEqualTo(acknowledged);
    assertThat(stored(installation, group)).isEqualTo(acknowledged);
    for (PersistentPoster poster : posters) {
      assertThat(poster.acknowledged())
          .isSortedAccordingTo(Comparator.comparingLong(PersistentPoster.Acknowledged::seq));
    }
  }

  private static void awaitMore(
      List<PersistentPoster> posters, List<Future<?>> running, int howMany) {
    int target = total(posters) + howMany;
    await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              assertThat(running).noneMatch(Future::isDone);
              return total(posters) >= target;
            });
  }

  private static void awaitEachOneMore(List<PersistentPoster> posters, List<Future<?>> running) {
    List<Integer> before = posters.stream().map(PersistentPoster::count).toList();
    await()
        .atMost(Duration.ofMinutes(2))
        .until(
            () -> {
              assertThat(running).noneMatch(Future::isDone);
              for (int i = 0; i < before.size(); i++) {
                if (posters.get(i).count() <= before.get(i)) {
                  return false;
                }
              }
              return true;
            });
  }

  private static int total(List<PersistentPoster> posters) {
    return posters.stream().mapToInt(PersistentPoster::count).sum();
  }

  private static List<PersistentPoster.Acknowledged> posted(List<JsonNode> history) {
    return history.stream()
        .filter(entry -> entry.path("kind").asText().equals("message.posted"))
        .map(KillLoopIT::acknowledgement)
        .toList();
  }

  private static PersistentPoster.Acknowledged acknowledgement(JsonNode entry) {
    return new PersistentPoster.Acknowledged(
        UUID.fromString(entry.path("clientId").asText()),
        entry.path("seq").asLong(),
        entry.path("text").asText());
  }

  private static List<PersistentPoster.Acknowledged> stored(Installation installation, String group)
      throws SQLException {
    List<JsonNode> rows = new ArrayList<>();
    try (Connection connection = installation.postgres().connect();
        PreparedStatement query =
            connection.prepareStatement(
                "SELECT json FROM timeline_entry WHERE group_id = ?::uuid ORDER BY seq")) {
      query.setString(1, group);
      try (ResultSet result = query.executeQuery()) {
        while (result.next()) {
          rows.add(RestClient.json(new String(result.getBytes(1), StandardCharsets.UTF_8)));
        }
      }
    }
    return posted(rows);
  }
}
