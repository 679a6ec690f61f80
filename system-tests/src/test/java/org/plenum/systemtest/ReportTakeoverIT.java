package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.plenum.testkit.PostgresServer;
import org.plenum.testkit.RestClient;

/**
 * A journal on shared storage when its node dies with a full queue: another node that is started on
 * it waits for the lease, takes the journal over and processes what is in it, each report once and
 * in the order of its source, while the producers go on there (QUE-8).
 */
@ResourceLock("faulty installation on PostgreSQL")
class ReportTakeoverIT {
  private static final int BEHIND = 4_000;

  @TempDir private Path shared;

  @Test
  void anotherNodeGoesOnWithTheJournalOfADeadOne() throws Exception {
    try (PostgresServer postgres = PostgresServer.start(Installation.work(), List.of());
        Installation owner = node(postgres, false);
        Installation heir = node(postgres, true)) {
      owner.server().restart();
      AtomicReference<RestClient> node = new AtomicReference<>(owner.person("ada"));
      AtomicBoolean stopped = new AtomicBoolean();
      List<PersistentReporter> reporters = new ArrayList<>();
      for (int size : List.of(1, 40)) {
        String source = "takeover/" + UUID.randomUUID();
        reporters.add(new PersistentReporter(node::get, source, size, stopped::get));
      }
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<?>> running = new ArrayList<>();
        reporters.forEach(reporter -> running.add(threads.submit(reporter)));
        try {
          awaitAcknowledged(reporters, BEHIND);
          assertThat(Reported.lag(node.get(), "processing")).isGreaterThanOrEqualTo(BEHIND);
          owner.server().kill();
          heir.server().restart();
          node.set(heir.person("ada"));
          awaitAcknowledged(reporters, total(reporters) + 1_000);
        } finally {
          stopped.set(true);
        }
        for (Future<?> future : running) {
          future.get(2, TimeUnit.MINUTES);
        }
      }
      Reported.awaitDrained(node.get());
      for (PersistentReporter reporter : reporters) {
        System.out.printf(
            "ReportTakeoverIT: %d acknowledged, %d sent again%n",
            reporter.count(), reporter.sentAgain());
        assertThat(Reported.keys(node.get(), reporter.source())).isEqualTo(reporter.acknowledged());
      }
      assertThat(node.get().get("/reports/dead-letters").expect(200).body().path("items"))
          .isEmpty();
    }
  }

  /** Both on one folder; the owner keeps all that it takes for later. */
  private Installation node(PostgresServer postgres, boolean processing) {
    Map<String, String> config = new HashMap<>();
    config.put("plenum.report.journal.dir", shared.resolve("journal").toString());
    config.put("plenum.report.journal.shared", "true");
    config.put("plenum.report.journal.lease", "3s");
    config.put("plenum.report.processing.enabled", Boolean.toString(processing));
    return Installation.stoppedOn(postgres, config);
  }

  private static void awaitAcknowledged(List<PersistentReporter> reporters, int enough) {
    await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> total(reporters) >= enough);
  }

  private static int total(List<PersistentReporter> reporters) {
    return reporters.stream().mapToInt(PersistentReporter::count).sum();
  }
}
