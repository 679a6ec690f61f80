package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.plenum.testkit.RestClient;

/** The database goes away and comes back while people read and write. */
@OnFaultyPostgres
class DatabaseAwayIT {
  private static final Duration AWAY = Duration.ofSeconds(30);

  @Test
  void writesWaitThenSayRetryReadsGoOnAndNothingIsLostOrDoubled(Installation installation) {
    RestClient ada = installation.person("ada");
    RestClient grace = installation.person("grace");
    String group = Groups.create(ada, "PUBLIC", grace);
    IntStream.range(0, 20).forEach(i -> Groups.post(ada, group, "before " + i));
    List<String> before = Groups.texts(Groups.history(grace, group));
    List<UUID> ids = new ArrayList<>();
    List<RestClient.Reply> refused = new ArrayList<>();

    installation.postgres().kill();
    long gone = System.nanoTime();
    try {
      while (System.nanoTime() - gone < AWAY.toNanos()) {
        UUID id = UUID.randomUUID();
        RestClient.Reply reply = post(ada, group, id, "during " + ids.size());
        ids.add(id);
        refused.add(reply);
        assertThat(Groups.texts(Groups.history(grace, group))).isEqualTo(before);
      }
    } finally {
      installation.postgres().start();
    }

    assertThat(refused)
        .allSatisfy(
            reply -> {
              assertThat(reply.status()).as(reply.text()).isEqualTo(503);
              assertThat(reply.headers().firstValue("Retry-After")).isPresent();
            });
    for (int i = 0; i < ids.size(); i++) {
      int n = i;
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> post(ada, group, ids.get(n), "during " + n).status() <= 201);
    }
    List<String> expected = new ArrayList<>(before);
    IntStream.range(0, ids.size()).forEach(i -> expected.add("during " + i));
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () ->
                assertThat(Groups.texts(Groups.history(grace, group)))
                    .containsExactlyInAnyOrderElementsOf(expected));
  }

  private static RestClient.Reply post(RestClient sender, String group, UUID id, String text) {
    return sender.send(
        "POST",
        "/groups/" + group + "/messages",
        Map.of("text", text),
        Map.of("Idempotency-Key", id.toString()));
  }
}
