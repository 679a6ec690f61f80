package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import org.plenum.testkit.RestClient;

/** A client that posts with durability MEMORY and goes on when the server is gone. */
final class MemoryPoster implements Runnable {
  private static final Duration PAUSE = Duration.ofMillis(50);

  private final RestClient client;
  private final String group;
  private final IntSupplier round;
  private final BooleanSupplier stopped;
  private final List<Acknowledged> acknowledged = new ArrayList<>();

  /** What was acknowledged, and how many kills came before it. */
  record Acknowledged(UUID clientId, int round) {}

  MemoryPoster(RestClient client, String group, IntSupplier round, BooleanSupplier stopped) {
    this.client = client;
    this.group = group;
    this.round = round;
    this.stopped = stopped;
  }

  /** In the order of acknowledgements; after {@link #run}. */
  List<Acknowledged> acknowledged() {
    return acknowledged;
  }

  @Override
  public void run() {
    for (int n = 0; !stopped.getAsBoolean(); n++) {
      UUID id = UUID.randomUUID();
      int before = round.getAsInt();
      try {
        RestClient.Reply reply =
            client.send(
                "POST",
                "/groups/" + group + "/messages",
                Map.of("text", "from memory " + n),
                Map.of("Idempotency-Key", id.toString(), "Plenum-Durability", "MEMORY"));
        if (reply.status() == 201) {
          acknowledged.add(new Acknowledged(id, before));
        } else {
          PersistentPoster.refuseWhatNoRetryMends(reply.status(), reply.text());
          LockSupport.parkNanos(PAUSE.toNanos());
        }
      } catch (UncheckedIOException e) {
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
  }

  /**
   * Between two kills only the last acknowledged ones may be missing, after the last kill none, and
   * nothing is there twice. Returns how many are missing.
   */
  int assertOnlyTheLossWindowIsLost(List<JsonNode> history) {
    List<PersistentPoster.Acknowledged> stored = PersistentPosters.posted(history);
    Set<UUID> ids = new HashSet<>();
    stored.forEach(post -> assertThat(ids.add(post.clientId())).as("stored twice").isTrue());
    Map<Integer, List<Boolean>> kept = new LinkedHashMap<>();
    for (Acknowledged each : acknowledged) {
      kept.computeIfAbsent(each.round(), key -> new ArrayList<>())
          .add(ids.contains(each.clientId()));
    }
    int lost = 0;
    for (Map.Entry<Integer, List<Boolean>> each : kept.entrySet()) {
      List<Boolean> inRound = each.getValue();
      int missing = (int) inRound.stream().filter(found -> !found).count();
      assertThat(inRound.subList(0, inRound.size() - missing))
          .as("kept before the window of kill " + each.getKey())
          .doesNotContain(false);
      lost += missing;
    }
    assertThat(kept.getOrDefault(round.getAsInt(), List.of())).doesNotContain(false);
    return lost;
  }
}
