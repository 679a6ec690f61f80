package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.plenum.testkit.RestClient;

/** A person who posts while the disk of the database fills up and is given room again. */
record FullDiskPosts(RestClient ada, RestClient grace, String group) {
  private static final int SEED = 4711;

  /** A text that does not compress. */
  private static String text(Random random) {
    byte[] bytes = new byte[12_000];
    random.nextBytes(bytes);
    return Base64.getEncoder().encodeToString(bytes);
  }

  private RestClient.Reply post(UUID id, String text) {
    return ada.send(
        "POST",
        "/groups/" + group + "/messages",
        Map.of("text", text),
        Map.of("Idempotency-Key", id.toString()));
  }

  /** As {@link #past(Runnable, Runnable)}; what was read before is read from the cache. */
  void past(Runnable giveRoom) {
    past(() -> assertThat(Groups.history(grace, group)).isNotEmpty(), giveRoom);
  }

  /**
   * Posts until one is refused, then until it is taken; every id is then stored once.
   *
   * @param whileFull what holds between the two
   */
  void past(Runnable whileFull, Runnable giveRoom) {
    List<UUID> acknowledged = new ArrayList<>();
    UUID refused = UUID.randomUUID();
    Random random = new Random(SEED);
    String text = text(random);
    RestClient.Reply reply = post(refused, text);
    while (reply.status() == 201) {
      acknowledged.add(refused);
      assertThat(acknowledged.size()).as("posts on a full disk").isLessThan(4_000);
      refused = UUID.randomUUID();
      text = text(random);
      reply = post(refused, text);
    }
    assertThat(reply.status()).as(reply.text()).isEqualTo(503);
    assertThat(reply.code()).isIn("TIMEOUT", "WRITER_UNAVAILABLE");
    assertThat(reply.headers().firstValue("Retry-After")).isPresent();
    whileFull.run();

    giveRoom.run();
    UUID again = refused;
    String same = text;
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> List.of(200, 201).contains(post(again, same).status()));
    acknowledged.add(again);
    UUID last = UUID.randomUUID();
    assertThat(post(last, "there is room again").status()).isEqualTo(201);
    acknowledged.add(last);
    await()
        .untilAsserted(
            () ->
                assertThat(
                        Groups.history(grace, group).stream()
                            .filter(e -> e.path("kind").asText().equals("message.posted"))
                            .map(e -> UUID.fromString(e.path("clientId").asText())))
                    .isEqualTo(acknowledged));
  }
}
