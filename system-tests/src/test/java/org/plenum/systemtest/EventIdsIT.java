package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.plenum.testkit.ChatSocket;
import org.plenum.testkit.RestClient;

/**
 * A client of server-sent events that reconnects again and again with {@code Last-Event-ID} alone,
 * as a browser's {@code EventSource} does, while people post in several groups. Seed: {@code
 * -Dplenum.seed}.
 */
@OnPostgres
class EventIdsIT {
  private static final int GROUPS = 4;
  private static final int RECONNECTS = 25;

  private final List<String> groups = new ArrayList<>();
  private final Map<String, TreeSet<Long>> seen = new HashMap<>();
  private final Map<String, Long> start = new HashMap<>();
  private boolean resync;

  private void take(JsonNode frame) {
    switch (frame.path("type").asText()) {
      case "welcome" ->
          groups.forEach(
              group ->
                  start.putIfAbsent(group, frame.path("heads").path(group).path("seq").asLong(-1)));
      case "updates" -> {
        for (JsonNode entry : frame.path("updates")) {
          seen.computeIfAbsent(frame.path("group").asText(), id -> new TreeSet<>())
              .add(entry.path("seq").asLong());
        }
      }
      case "resync" -> resync = true;
      default -> {
        // Heartbeats, and what concerns no entry.
      }
    }
  }

  private boolean complete(Map<String, Long> heads) {
    return heads.entrySet().stream()
        .allMatch(
            each -> seen.getOrDefault(each.getKey(), new TreeSet<>()).contains(each.getValue()));
  }

  @Test
  void aClientThatKnowsNothingButTheLastEventIdMissesNoEntry(Installation installation)
      throws Exception {
    long seed = Long.getLong("plenum.seed", System.nanoTime());
    System.out.println("EventIdsIT: plenum.seed=" + seed);
    Random random = new Random(seed);
    RestClient ada = installation.person("ada");
    RestClient grace = installation.person("grace");
    for (int i = 0; i < GROUPS; i++) {
      groups.add(Groups.create(ada, "PRIVATE", grace));
    }
    AtomicBoolean stopped = new AtomicBoolean();
    String lastId = "";
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        ChatSocket sender = ChatSocket.open(ada)) {
      Future<?> posting = null;
      for (int i = 0; i < RECONNECTS; i++) {
        try (EventStream events = new EventStream(grace, headers(lastId))) {
          for (int frames = random.nextInt(12); frames >= 0; frames--) {
            take(events.next().orElseThrow());
          }
          lastId = events.lastId().isEmpty() ? lastId : events.lastId();
        }
        if (posting == null) {
          posting = threads.submit(() -> post(sender, stopped));
        }
      }
      stopped.set(true);
      posting.get(1, TimeUnit.MINUTES);
    }
    Map<String, Long> heads = new HashMap<>();
    groups.forEach(
        group -> heads.put(group, Groups.mine(ada, group).path("head").path("seq").asLong()));
    try (EventStream events = new EventStream(grace, headers(lastId))) {
      while (!complete(heads)) {
        take(events.next().orElseThrow());
      }
    }
    assertThat(resync).as("a node that is up knows what came since").isFalse();
    for (String group : groups) {
      assertThat(seen.get(group))
          .containsExactlyElementsOf(
              LongStream.rangeClosed(start.get(group) + 1, heads.get(group)).boxed().toList());
    }
  }

  private static Map<String, String> headers(String lastId) {
    return lastId.isEmpty() ? Map.of() : Map.of("Last-Event-ID", lastId);
  }

  private Void post(ChatSocket sender, AtomicBoolean stopped) throws Exception {
    for (int i = 0; !stopped.get(); i++) {
      sender.post(groups.get(i % GROUPS), "news " + i).get(20, TimeUnit.SECONDS);
    }
    return null;
  }
}
