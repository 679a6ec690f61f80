package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.plenum.testkit.ClusterServers;
import org.plenum.testkit.ExternalProcess;
import org.plenum.testkit.RestClient;

/**
 * {@code ./plenum cluster backup} while people post and producers report at both nodes, then all
 * nodes are killed, and {@code ./plenum cluster restore} brings back what was acknowledged before
 * (GRP-9). A cluster of its own, since it goes back in time. Seed: {@code -Dplenum.seed}.
 */
@ResourceLock("cluster")
class ClusterBackupIT {
  private static final List<String> PEOPLE = List.of("ada", "grace", "alan");
  private static final int REPORTS_IN_A_LIST = 10;

  @SuppressWarnings("NullAway.Init")
  private static ClusterServers cluster;

  @TempDir private static Path folder;

  @BeforeAll
  static void up() {
    cluster = anew();
  }

  private static ClusterServers anew() {
    return ClusterServers.start(
        OnCluster.path("plenum.payara.home", "target/payara7"),
        OnCluster.path("plenum.project", ".."),
        OnCluster.path("plenum.work", "target/work"),
        ClusterServers.Options.shortLived(
            2,
            Map.of(
                "plenum.limits.writes-per-second", "500",
                "plenum.limits.write-burst", "1000",
                "plenum.limits.reads-per-second", "1000",
                "plenum.limits.read-burst", "2000",
                "plenum.limits.sign-ins-per-minute", "0",
                "plenum.limits.sign-ins-per-minute-and-address", "0",
                "plenum.accounts.hash-iterations", "5000",
                "plenum.push.heartbeat", "2s")));
  }

  @AfterAll
  static void down() {
    if (cluster != null) {
      cluster.close();
    }
  }

  private static RestClient at(String node, RestClient person) {
    return OnCluster.at(cluster, node, person);
  }

  @Test
  void whatWasAcknowledgedBeforeABackupIsThereAfterItsRestore() throws Exception {
    long seed = Long.getLong("plenum.seed", System.nanoTime());
    System.out.println("ClusterBackupIT: plenum.seed=" + seed);
    List<RestClient> people =
        PEOPLE.stream().map(name -> cluster.anonymous().signIn(name, "demo-" + name)).toList();
    RestClient ada = people.getFirst();
    String group = Groups.create(ada, "PUBLIC", people.subList(1, 3).toArray(RestClient[]::new));
    AtomicBoolean reported = new AtomicBoolean();
    List<PersistentReporter> reporters =
        cluster.nodes().stream()
            .map(
                node ->
                    new PersistentReporter(
                        at(node, ada),
                        "backup/" + node + "/" + UUID.randomUUID(),
                        REPORTS_IN_A_LIST,
                        reported::get))
            .toList();
    Path whole;
    List<PersistentPoster.Acknowledged> before;
    List<PersistentPoster.Acknowledged> all;
    List<Integer> reportedBefore;
    try (PersistentPosters posters =
            new PersistentPosters(group, people, seed, ClusterFaults.PACE);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      try {
        posters.awaitMore(200);
        List<Future<?>> reporting = new ArrayList<>();
        reporters.forEach(reporter -> reporting.add(threads.submit(reporter)));
        await()
            .atMost(Duration.ofMinutes(1))
            .until(() -> reporters.stream().allMatch(each -> each.count() >= 200));
        posters.takeLongest();
        List<Integer> counts = posters.counts();
        reportedBefore = reporters.stream().map(PersistentReporter::count).toList();
        long start = System.nanoTime();
        whole = cluster.backup(folder.resolve("backups"));
        System.out.printf(
            "ClusterBackupIT: backup in %d ms, longest wait of a poster %d ms%n",
            millisSince(start), posters.takeLongest().toMillis());
        posters.awaitMore(100);
        reported.set(true);
        for (Future<?> each : reporting) {
          each.get(1, TimeUnit.MINUTES);
        }
        assertThatThrownBy(() -> cluster.restore(whole))
            .hasMessageContaining("these nodes run: node1 node2");
        posters.awaitEachOneMore();
        posters.stop();
        before = posters.first(counts);
        all = posters.all();
      } finally {
        reported.set(true);
      }
    }
    sumsAreRight(whole);
    cluster.nodes().forEach(node -> ClusterServers.kill(cluster.node(node)));

    aDamagedOneIsRefusedAndNothingIsChanged(whole);
    long start = System.nanoTime();
    cluster.restore(whole);
    System.out.println("ClusterBackupIT: restored in " + millisSince(start) + " ms");
    whatWasThereIsKept();
    cluster.up();

    RestClient again = cluster.anonymous().signIn("ada", "demo-ada");
    List<JsonNode> history = Groups.history(at("node1", again), group);
    assertThat(Groups.seqs(history))
        .isEqualTo(LongStream.rangeClosed(1, history.size()).boxed().toList());
    List<PersistentPoster.Acknowledged> stored = PersistentPosters.posted(history);
    System.out.printf(
        "ClusterBackupIT: %d posts acknowledged before the backup, %d in it, %d in all%n",
        before.size(), stored.size(), all.size());
    assertThat(stored).containsAll(before);
    assertThat(stored).isEqualTo(all.subList(0, stored.size()));
    assertThat(stored.size()).as("the restore went back").isLessThan(all.size());
    assertThat(PersistentPosters.posted(Groups.history(at("node2", again), group)))
        .isEqualTo(stored);
    // A token of before: the key is the one that it was signed with.
    for (String node : cluster.nodes()) {
      at(node, people.get(1)).get("/groups/" + group).expect(200);
      Reported.awaitDrained(at(node, again));
    }
    for (int i = 0; i < reporters.size(); i++) {
      everyReportOfBeforeWasProcessedOnce(again, reporters.get(i), reportedBefore.get(i));
    }
    assertThat(again.get("/reports/dead-letters").expect(200).body().path("items")).isEmpty();
    OnCluster.awaitEqualCaches(cluster, again);
    for (long seq = history.size() + 1; seq <= history.size() + 4; seq++) {
      String node = cluster.nodes().get((int) (seq % 2));
      assertThat(Groups.post(at(node, again), group, "on " + seq).path("seq").asLong())
          .isEqualTo(seq);
    }
    assertThat(cluster.backup(folder.resolve("backups"))).isNotEqualTo(whole);
  }

  /** The primary is lost, the replica promoted and copied; then all is lost but the copy. */
  @Test
  void aBackupOfAPromotedDatabaseComesBackIntoAClusterMadeAnew() throws Exception {
    long seed = Long.getLong("plenum.seed", System.nanoTime());
    List<RestClient> people =
        PEOPLE.stream().map(name -> cluster.anonymous().signIn(name, "demo-" + name)).toList();
    String group =
        Groups.create(people.getFirst(), "PUBLIC", people.subList(1, 3).toArray(RestClient[]::new));
    Path whole;
    List<PersistentPoster.Acknowledged> before;
    List<PersistentPoster.Acknowledged> all;
    try (PersistentPosters posters =
        new PersistentPosters(group, people, seed, ClusterFaults.PACE)) {
      posters.awaitMore(100);
      ClusterServers.kill(cluster.primary());
      cluster.promote();
      posters.awaitMore(100);
      List<Integer> counts = posters.counts();
      whole = cluster.backup(folder.resolve("promoted"));
      posters.awaitMore(50);
      posters.awaitEachOneMore();
      posters.stop();
      before = posters.first(counts);
      all = posters.all();
    }
    cluster.close();
    cluster = anew();
    cluster.nodes().forEach(node -> ClusterServers.kill(cluster.node(node)));
    cluster.restore(whole);
    cluster.up();

    RestClient again = cluster.anonymous().signIn("ada", "demo-ada");
    List<JsonNode> history = Groups.history(at("node1", again), group);
    List<PersistentPoster.Acknowledged> stored = PersistentPosters.posted(history);
    System.out.printf(
        "ClusterBackupIT: of a promoted database: seed %d, %d posts acknowledged before the backup,"
            + " %d in it, %d in all%n",
        seed, before.size(), stored.size(), all.size());
    assertThat(stored).containsAll(before).isEqualTo(all.subList(0, stored.size()));
    assertThat(stored.size()).as("the restore went back").isLessThan(all.size());
    assertThat(PersistentPosters.posted(Groups.history(at("node2", again), group)))
        .isEqualTo(stored);
    OnCluster.awaitEqualCaches(cluster, again);
    for (String node : cluster.nodes()) {
      // A token of the lost cluster: its key came back with the backup.
      at(node, people.get(1)).get("/groups/" + group).expect(200);
    }
    for (long seq = history.size() + 1; seq <= history.size() + 4; seq++) {
      String node = cluster.nodes().get((int) (seq % 2));
      assertThat(Groups.post(at(node, again), group, "on " + seq).path("seq").asLong())
          .isEqualTo(seq);
    }
    assertThat(cluster.replica().isAlive()).as("made anew").isTrue();
  }

  private static void everyReportOfBeforeWasProcessedOnce(
      RestClient admin, PersistentReporter reporter, int before) {
    List<String> keys = Reported.keys(admin, reporter.source());
    System.out.printf(
        "ClusterBackupIT: %s: %d reports acknowledged before the backup, %d processed, %d in all%n",
        reporter.source(), before, keys.size(), reporter.count());
    assertThat(keys).hasSizeGreaterThanOrEqualTo(before);
    assertThat(keys).isEqualTo(reporter.acknowledged().subList(0, keys.size()));
    long summed = 0;
    for (JsonNode row : admin.get("/reports/summaries?hours=3").expect(200).body().path("items")) {
      if (row.path("source").asText().equals(reporter.source())) {
        summed += row.path("reports").asLong();
      }
    }
    assertThat(summed).as("counted by their processing").isEqualTo(keys.size());
  }

  /** By the tool that an administrator has. */
  private static void sumsAreRight(Path backup) {
    ExternalProcess.run(
        List.of("sh", "-c", "cd '" + backup + "' && sha256sum --check --strict --quiet SHA256SUMS"),
        Map.of(),
        folder.resolve("sums.log"),
        Duration.ofMinutes(1));
  }

  private static void aDamagedOneIsRefusedAndNothingIsChanged(Path whole) throws IOException {
    Path damaged = folder.resolve("damaged");
    try (Stream<Path> all = Files.walk(whole)) {
      for (Path each : all.toList()) {
        Files.copy(each, damaged.resolve(whole.relativize(each)));
      }
    }
    try (FileChannel file =
        FileChannel.open(damaged.resolve("database/global/pg_control"), StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(new byte[] {(byte) 0xa5}), 100);
    }
    List<Path> there = databasesAndFiles();
    long primary = cluster.primary().pid();
    assertThatThrownBy(() -> cluster.restore(damaged))
        .hasMessageContaining("damaged in")
        .hasMessageContaining("database/global/pg_control")
        .hasMessageContaining("nothing was changed");
    assertThatThrownBy(() -> cluster.restore(whole.resolve("node1")))
        .hasMessageContaining("and not of a cluster");
    assertThatThrownBy(() -> cluster.restore(folder)).hasMessageContaining("is no whole backup");
    assertThat(databasesAndFiles()).isEqualTo(there);
    assertThat(cluster.primary().pid()).as("the database runs on").isEqualTo(primary);
  }

  /** What a restore renames or makes. */
  private static List<Path> databasesAndFiles() throws IOException {
    List<Path> found = new ArrayList<>();
    List<Path> folders =
        new ArrayList<>(List.of(cluster.folder(), cluster.folder().resolve("keys")));
    for (String node : cluster.nodes()) {
      folders.add(cluster.instance(node).resolve("plenum"));
      folders.add(cluster.instance(node).resolve("plenum/control"));
    }
    for (Path each : folders) {
      try (Stream<Path> all = Files.list(each)) {
        found.addAll(all.filter(path -> !path.toString().endsWith(".log")).sorted().toList());
      }
    }
    return found;
  }

  private static void whatWasThereIsKept() throws IOException {
    List<String> kept =
        databasesAndFiles().stream()
            .map(path -> cluster.folder().relativize(path).toString())
            .filter(name -> name.contains(".before-restore-"))
            .map(name -> name.replaceAll("\\.before-restore-.*", ""))
            .distinct()
            .toList();
    assertThat(kept)
        .contains(
            "primary",
            "replica",
            "keys/token-signing.jwk",
            "nodes/local/node1/plenum/reports",
            "nodes/local/node2/plenum/reports");
  }

  private static long millisSince(long start) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
  }
}
