package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.plenum.testkit.ChatSocket;
import org.plenum.testkit.RestClient;

/**
 * Many times the rate limit from one account: what is too much is refused with the time to wait,
 * the same client id is taken later, and nothing is lost or doubled.
 */
@OnPostgres
class FloodIT {
  /** The installation allows 500 a second after a burst of 1,000. */
  private static final int FRAMES = 2_500;

  private static final int REFUSALS = 50;
  private static final int CALLERS = 8;
  private static final int BATCH = 500;

  private RestClient alan;
  private RestClient grace;
  private String group;

  @BeforeEach
  void makeGroup(Installation installation) {
    alan = installation.person("alan");
    grace = installation.person("grace");
    group = Groups.create(alan, "PUBLIC", grace);
  }

  private void assertEachIsStoredOnce(Iterable<UUID> ids) {
    List<JsonNode> history = Groups.history(grace, group);
    assertThat(
            history.stream()
                .filter(entry -> entry.path("kind").asText().equals("message.posted"))
                .map(entry -> UUID.fromString(entry.path("clientId").asText())))
        .containsExactlyInAnyOrderElementsOf(ids);
  }

  @Test
  void overASocket() throws Exception {
    Map<UUID, CompletableFuture<JsonNode>> answers = new LinkedHashMap<>();
    try (ChatSocket socket = ChatSocket.open(alan);
        ChatSocket other = ChatSocket.open(grace)) {
      for (int i = 0; i < FRAMES; i++) {
        UUID id = UUID.randomUUID();
        answers.put(id, socket.post(group, "flood", id));
      }
      List<UUID> refused = new ArrayList<>();
      for (Map.Entry<UUID, CompletableFuture<JsonNode>> each : answers.entrySet()) {
        JsonNode frame = each.getValue().get(60, TimeUnit.SECONDS);
        if (!frame.path("type").asText().equals("ack")) {
          assertThat(frame.path("code").asText()).isEqualTo("RATE_LIMITED");
          assertThat(frame.path("status").asInt()).isEqualTo(429);
          assertThat(frame.path("retryAfter").asInt()).isPositive();
          refused.add(each.getKey());
        }
      }
      assertThat(refused).isNotEmpty();
      Groups.post(grace, group, "others go on");

      for (UUID id : refused) {
        await()
            .atMost(Duration.ofSeconds(30))
            .pollInterval(Duration.ofMillis(50))
            .pollDelay(Duration.ZERO)
            .until(
                () ->
                    socket
                        .post(group, "flood", id)
                        .get(30, TimeUnit.SECONDS)
                        .path("type")
                        .asText()
                        .equals("ack"));
      }
      JsonNode page = Groups.mine(grace, group);
      long head = page.path("head").path("seq").asLong();
      other.awaitEntry(group, entry -> entry.path("seq").asLong() == head);
      assertThat(other.closed()).isNotDone();
    }
    List<JsonNode> others =
        Groups.history(grace, group).stream()
            .filter(entry -> entry.path("text").asText().equals("others go on"))
            .toList();
    assertThat(others).hasSize(1);
    List<UUID> expected = new ArrayList<>(answers.keySet());
    expected.add(UUID.fromString(others.getFirst().path("clientId").asText()));
    assertEachIsStoredOnce(expected);
  }

  private RestClient.Reply post(UUID id) {
    return alan.send(
        "POST",
        "/groups/" + group + "/messages",
        Map.of("text", "flood"),
        Map.of("Idempotency-Key", id.toString()));
  }

  /** A socket takes what the account may do: REST calls of the same account are refused. */
  @Test
  void overRestAndASocketTogether() throws Exception {
    Queue<UUID> ids = new ConcurrentLinkedQueue<>();
    AtomicInteger refused = new AtomicInteger();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        ChatSocket socket = ChatSocket.open(alan)) {
      List<Future<?>> callers = new ArrayList<>();
      callers.add(
          threads.submit(
              () -> {
                while (refused.get() < REFUSALS) {
                  flood(socket, ids);
                }
                return null;
              }));
      for (int i = 0; i < CALLERS; i++) {
        callers.add(threads.submit(() -> floodUntilRefused(ids, refused)));
      }
      for (Future<?> caller : callers) {
        caller.get(2, TimeUnit.MINUTES);
      }
    }
    assertThat(refused.get()).isGreaterThanOrEqualTo(REFUSALS);
    assertEachIsStoredOnce(ids);
  }

  private void flood(ChatSocket socket, Queue<UUID> acknowledged) throws Exception {
    Map<UUID, CompletableFuture<JsonNode>> answers = new LinkedHashMap<>();
    for (int i = 0; i < BATCH; i++) {
      UUID id = UUID.randomUUID();
      answers.put(id, socket.post(group, "flood", id));
    }
    for (Map.Entry<UUID, CompletableFuture<JsonNode>> each : answers.entrySet()) {
      JsonNode frame = each.getValue().get(60, TimeUnit.SECONDS);
      if (frame.path("type").asText().equals("ack")) {
        acknowledged.add(each.getKey());
      } else {
        assertThat(frame.path("code").asText()).isEqualTo("RATE_LIMITED");
      }
    }
  }

  /** Each caller tries a message that was refused again until it is taken. */
  private void floodUntilRefused(Queue<UUID> ids, AtomicInteger refused) {
    while (refused.get() < REFUSALS) {
      UUID id = UUID.randomUUID();
      ids.add(id);
      await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(20))
          .pollDelay(Duration.ZERO)
          .until(
              () -> {
                RestClient.Reply reply = post(id);
                if (reply.status() == 429) {
                  assertThat(reply.code()).isEqualTo("RATE_LIMITED");
                  assertThat(reply.headers().firstValue("Retry-After"))
                      .hasValueSatisfying(
                          seconds -> assertThat(Integer.parseInt(seconds)).isPositive());
                  refused.incrementAndGet();
                  return false;
                }
                return reply.expect(201).status() == 201;
              });
    }
  }
}
