package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.plenum.testkit.RestClient;

/**
 * The server or its database is killed while reports come in: what was acknowledged is processed
 * once and in the order of its source. Rounds: {@code -Dplenum.report.kill.rounds}; seed: {@code
 * -Dplenum.seed}.
 */
@OnFaultyPostgres
class ReportCrashIT {
  private static final int ROUNDS = Integer.getInteger("plenum.report.kill.rounds", 2);

  @Test
  void whatWasAcknowledgedIsProcessedOnceAndInOrderWheneverTheServerIsKilled(
      Installation installation) throws Exception {
    long seed = Long.getLong("plenum.seed", System.nanoTime());
    Random random = new Random(seed);
    RestClient ada = installation.person("ada");
    AtomicBoolean stopped = new AtomicBoolean();
    List<PersistentReporter> reporters = new ArrayList<>();
    for (int size : List.of(1, 1, 10, 100)) {
      reporters.add(new PersistentReporter(ada, "kill/" + UUID.randomUUID(), size, stopped::get));
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      reporters.forEach(reporter -> running.add(threads.submit(reporter)));
      try {
        for (int round = 0; round < ROUNDS; round++) {
          awaitMore(reporters, 3_000 + random.nextInt(3_000));
          assertThat(running).as("the kill is in mid-flow").noneMatch(Future::isDone);
          installation.server().kill();
          installation.server().restart();
        }
        awaitMore(reporters, 1_000);
      } finally {
        stopped.set(true);
      }
      for (Future<?> future : running) {
        future.get(2, TimeUnit.MINUTES);
      }
    }
    Reported.awaitDrained(ada);
    for (PersistentReporter reporter : reporters) {
      System.out.printf(
          "ReportCrashIT: seed %d, %d acknowledged, %d sent again%n",
          seed, reporter.count(), reporter.sentAgain());
      assertThat(Reported.keys(ada, reporter.source()))
          .as("seed %d", seed)
          .isEqualTo(reporter.acknowledged());
      assertThat(summed(ada, reporter.source())).as("seed %d", seed).isEqualTo(reporter.count());
    }
    assertThat(ada.get("/reports/dead-letters").expect(200).body().path("items")).isEmpty();
  }

  private static void awaitMore(List<PersistentReporter> reporters, int more) {
    int enough = total(reporters) + more;
    await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(5))
        .until(() -> total(reporters) >= enough);
  }

  private static int total(List<PersistentReporter> reporters) {
    return reporters.stream().mapToInt(PersistentReporter::count).sum();
  }

  private static long summed(RestClient ada, String source) {
    long sum = 0;
    for (JsonNode row : ada.get("/reports/summaries?hours=3").expect(200).body().path("items")) {
      if (row.path("source").asText().equals(source)) {
        sum += row.path("reports").asLong();
      }
    }
    return sum;
  }

  @Test
  void whileTheDatabaseIsAwayReportsAreTakenAndThenProcessedInOrder(Installation installation) {
    RestClient ada = installation.person("ada");
    String source = "away/" + UUID.randomUUID();
    ada.post("/reports", Reported.report(source, "k0", "away")).expect(202);
    Reported.awaitStored(ada, source, 1);

    installation.postgres().kill();
    try {
      for (int i = 1; i <= 300; i++) {
        ada.post("/reports", Reported.report(source, "k" + i, "away")).expect(202);
      }
      assertThat(Reported.lag(ada, "processing")).isGreaterThanOrEqualTo(300);
    } finally {
      installation.postgres().start();
    }
    Reported.awaitDrained(ada);
    assertThat(Reported.keys(ada, source))
        .isEqualTo(IntStream.rangeClosed(0, 300).mapToObj(i -> "k" + i).toList());
    assertThat(ada.get("/reports/dead-letters").expect(200).body().path("items")).isEmpty();
  }
}
