package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.plenum.testkit.RestClient;

/** Posters of one group at work, and the comparison of what was acknowledged with what is there. */
final class PersistentPosters implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final RestClient reader;
  private final String group;
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final List<PersistentPoster> posters = new ArrayList<>();
  private final List<Future<?>> running = new ArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /** For each of the people one poster over REST and one over a socket; the first reads. */
  PersistentPosters(String group, List<RestClient> people, long seed) {
    this(group, people, seed, Duration.ZERO);
  }

  /**
   * As the other, with this pause of each poster between two messages: nodes that start beside them
   * have the processor then.
   */
  PersistentPosters(String group, List<RestClient> people, long seed, Duration pace) {
    this.reader = people.getFirst();
    this.group = group;
    for (int i = 0; i < 2 * people.size(); i++) {
      PersistentPoster poster =
          new PersistentPoster(
              people.get(i / 2), group, "client " + i, i % 2 == 0, seed + i, pace, stopped::get);
      posters.add(poster);
      running.add(threads.submit(poster));
    }
  }

  int acknowledged() {
    return posters.stream().mapToInt(PersistentPoster::count).sum();
  }

  /** How many each poster has had acknowledged so far. */
  List<Integer> counts() {
    return posters.stream().map(PersistentPoster::count).toList();
  }

  /** The longest wait for an acknowledgement since the last call. */
  Duration takeLongest() {
    return posters.stream()
        .map(PersistentPoster::takeLongest)
        .max(Comparator.naturalOrder())
        .orElse(Duration.ZERO);
  }

  /** What those over sockets, or those over REST, were answered instead since the last call. */
  List<String> takeFailures(boolean overSocket) {
    return posters.stream()
        .filter(poster -> poster.overSocket() == overSocket)
        .flatMap(poster -> poster.takeFailures().stream())
        .toList();
  }

  /** After {@link #stop}: the first so many of each poster, by sequence. */
  List<PersistentPoster.Acknowledged> first(List<Integer> counts) {
    List<PersistentPoster.Acknowledged> first = new ArrayList<>();
    for (int i = 0; i < posters.size(); i++) {
      first.addAll(posters.get(i).acknowledged().subList(0, counts.get(i)));
    }
    first.sort(Comparator.comparingLong(PersistentPoster.Acknowledged::seq));
    return first;
  }

  /** Waits until this many more are acknowledged. */
  void awaitMore(int howMany) {
    int target = acknowledged() + howMany;
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              assertThat(running).noneMatch(Future::isDone);
              return acknowledged() >= target;
            });
  }

  /** Waits until each poster has been acknowledged once more. */
  void awaitEachOneMore() {
    List<Integer> before = posters.stream().map(PersistentPoster::count).toList();
    await()
        .atMost(PATIENCE)
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

  /** Ends the posting; each has its last acknowledgement. */
  void stop() throws Exception {
    stopped.set(true);
    for (Future<?> future : running) {
      future.get(1, TimeUnit.MINUTES);
    }
  }

  /** All that were acknowledged, by sequence; after {@link #stop}. */
  List<PersistentPoster.Acknowledged> all() {
    return posters.stream()
        .flatMap(poster -> poster.acknowledged().stream())
        .sorted(Comparator.comparingLong(PersistentPoster.Acknowledged::seq))
        .toList();
  }

  /**
   * After {@link #stop}: what was acknowledged is there once, gapless, in each sender's order. A
   * node that is asked without a position may be behind, and comes up.
   */
  void assertAcknowledgedIsStored() {
    List<PersistentPoster.Acknowledged> all = all();
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              List<JsonNode> history = Groups.history(reader, group);
              assertThat(Groups.seqs(history))
                  .isEqualTo(LongStream.rangeClosed(1, history.size()).boxed().toList());
              assertThat(posted(history)).isEqualTo(all);
            });
    for (PersistentPoster poster : posters) {
      assertThat(poster.acknowledged())
          .isSortedAccordingTo(Comparator.comparingLong(PersistentPoster.Acknowledged::seq));
    }
  }

  /** The posted messages of a history, as their senders were answered. */
  static List<PersistentPoster.Acknowledged> posted(List<JsonNode> history) {
    return history.stream()
        .filter(entry -> entry.path("kind").asText().equals("message.posted"))
        .map(
            entry ->
                new PersistentPoster.Acknowledged(
                    UUID.fromString(entry.path("clientId").asText()),
                    entry.path("seq").asLong(),
                    entry.path("text").asText()))
        .toList();
  }

  @Override
  public void close() {
    stopped.set(true);
    threads.shutdownNow();
  }
}
