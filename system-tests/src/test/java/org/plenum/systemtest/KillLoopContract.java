package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.plenum.testkit.RestClient;

/**
 * The server is killed while many clients post, edit, recall, and post with durability MEMORY; then
 * what was acknowledged is compared with what is stored. Seed: {@code -Dplenum.seed}.
 */
abstract class KillLoopContract {
  private static final List<String> PEOPLE = List.of("ada", "grace", "alan", "linus", "margaret");

  /** How often the server is killed. */
  abstract int rounds();

  /** What the database itself has of a group's posts, where it can be asked. */
  abstract List<PersistentPoster.Acknowledged> stored(
      Installation installation, String group, List<JsonNode> history) throws Exception;

  @Test
  void everyAcknowledgedWriteIsStoredOnceGaplessAndInOrder(Installation installation)
      throws Exception {
    long seed = Long.getLong("plenum.seed", System.nanoTime());
    String name = getClass().getSimpleName();
    System.out.println(name + ": plenum.seed=" + seed + ", rounds=" + rounds());
    Random random = new Random(seed);
    List<RestClient> people = PEOPLE.stream().map(installation::person).toList();
    RestClient[] others = people.subList(1, people.size()).toArray(RestClient[]::new);
    String group = Groups.create(people.get(0), "PUBLIC", others);
    String edits = Groups.create(people.get(0), "PUBLIC", others);
    String memory = Groups.create(people.get(0), "PUBLIC", others);
    AtomicBoolean stopped = new AtomicBoolean();
    AtomicInteger kills = new AtomicInteger();
    PersistentEditor editor = new PersistentEditor(people.get(1), edits, stopped::get);
    MemoryPoster poster = new MemoryPoster(people.get(2), memory, kills::get, stopped::get);
    try (PersistentPosters posters = new PersistentPosters(group, people, seed);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      running.add(threads.submit(editor));
      running.add(threads.submit(poster));
      try {
        for (int round = 0; round < rounds(); round++) {
          posters.awaitMore(200 + random.nextInt(400));
          installation.server().kill();
          kills.incrementAndGet();
          installation.server().restart();
          posters.awaitEachOneMore();
          assertThat(running).noneMatch(Future::isDone);
        }
      } finally {
        stopped.set(true);
      }
      posters.stop();
      for (Future<?> future : running) {
        future.get(1, TimeUnit.MINUTES);
      }
      System.out.printf(
          "%s: %d posts, %d messages edited or recalled, %d MEMORY posts acknowledged%n",
          name, posters.acknowledged(), editor.expected().size(), poster.acknowledged().size());
      posters.assertAcknowledgedIsStored();
      assertThat(stored(installation, group, Groups.history(people.get(0), group)))
          .isEqualTo(posters.all());
    }
    editor.assertAsAcknowledged(gapless(people.get(0), edits));
    int lost = poster.assertOnlyTheLossWindowIsLost(gapless(people.get(0), memory));
    System.out.println(name + ": " + lost + " MEMORY posts lost in " + rounds() + " kills");
  }

  private static List<JsonNode> gapless(RestClient reader, String group) {
    List<JsonNode> history = Groups.history(reader, group);
    assertThat(Groups.seqs(history))
        .isEqualTo(LongStream.rangeClosed(1, history.size()).boxed().toList());
    return history;
  }
}
