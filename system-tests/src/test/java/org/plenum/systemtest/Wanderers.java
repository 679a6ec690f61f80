package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;
import org.plenum.testkit.RestClient;

/** Clients at work that change node with each request: whatever happens, no read goes back. */
final class Wanderers implements AutoCloseable {
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final List<Wanderer> wanderers = new ArrayList<>();
  private final List<Future<?>> running = new ArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * One for each of the people, who are members of the group.
   *
   * @param at the same person at a node
   */
  Wanderers(
      String group,
      List<RestClient> people,
      List<String> nodes,
      BiFunction<String, RestClient, RestClient> at,
      long seed) {
    for (RestClient person : people) {
      String own = Groups.create(person, "PRIVATE");
      Wanderer wanderer =
          new Wanderer(
              nodes.stream().map(node -> at.apply(node, person)).toList(),
              group,
              own,
              seed + wanderers.size(),
              stopped::get);
      wanderers.add(wanderer);
      running.add(threads.submit(wanderer));
    }
  }

  /** Ends them; each has been to every node, has seen its own writes, and nothing went back. */
  void stopAndAssertThatNothingWentBack() throws Exception {
    stopped.set(true);
    for (Future<?> future : running) {
      future.get(2, TimeUnit.MINUTES);
    }
    for (Wanderer wanderer : wanderers) {
      System.out.println(
          "Wanderers: reads at each node "
              + wanderer.reads()
              + ", own writes "
              + wanderer.writes()
              + ", no answer "
              + wanderer.away()
              + ", steps back "
              + wanderer.violations().size());
    }
    for (Wanderer wanderer : wanderers) {
      assertThat(wanderer.violations()).as("steps back in time").isEmpty();
      assertThat(wanderer.reads()).allSatisfy(count -> assertThat(count).isGreaterThan(20));
      assertThat(wanderer.writes()).isGreaterThan(10);
    }
  }

  @Override
  public void close() {
    stopped.set(true);
    threads.shutdownNow();
  }
}
