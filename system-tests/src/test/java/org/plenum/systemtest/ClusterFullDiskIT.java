package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.plenum.testkit.ClusterServers;
import org.plenum.testkit.RestClient;
import org.plenum.testkit.SmallDisk;

/**
 * No disk for the snapshots of nodes, while people post and nodes are killed. Needs the right to
 * mount. Seed: {@code -Dplenum.seed}.
 */
class ClusterFullDiskIT extends ClusterFaults {
  private static final int ROOM = 256;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Pattern REVISION = Pattern.compile("snapshotRevision\"\\s*:\\s*\"?(\\d+)");

  @BeforeAll
  static void mayMount() {
    assumeTrue(SmallDisk.isPossible(), "this process may not mount a small disk");
  }

  /** What both tests work with: a group, its people, a small disk for each node's snapshots. */
  private record Scene(
      String group,
      List<RestClient> people,
      String full,
      SmallDisk disk,
      String other,
      SmallDisk otherDisk,
      PersistentPosters posters,
      Wanderers wanderers)
      implements AutoCloseable {
    static Scene open() {
      long seed = Long.getLong("plenum.seed", System.nanoTime());
      System.out.println("ClusterFullDiskIT: plenum.seed=" + seed);
      List<RestClient> people = Stream.of("ada", "grace").map(OnCluster::person).toList();
      String group = Groups.create(people.get(0), "PUBLIC", people.get(1));
      String full = cluster.applier();
      String other =
          cluster.nodes().stream().filter(node -> !node.equals(full)).findFirst().orElseThrow();
      Scene scene =
          new Scene(
              group,
              people,
              full,
              mount(full),
              other,
              mount(other),
              // One person: nodes are started again beside the posting.
              new PersistentPosters(group, people.subList(0, 1), seed),
              ClusterFaults.wanderers(group, people, seed));
      awaitNewSnapshot(full, scene.disk);
      awaitNewSnapshot(other, scene.otherDisk);
      scene.posters.awaitEachOneMore();
      return scene;
    }

    /** Gives both disks room: snapshots go on, nobody says otherwise, and all is well. */
    void end() throws Exception {
      disk.grow(ROOM);
      otherDisk.grow(ROOM);
      awaitNewSnapshot(full, disk);
      awaitNewSnapshot(other, otherDisk);
      for (String node : cluster.nodes()) {
        await()
            .atMost(PATIENCE)
            .until(() -> !cluster.text(node, "/health").contains("snapshotFault"));
      }
      check(group, people, posters, wanderers);
    }

    @Override
    public void close() {
      wanderers.close();
      posters.close();
      otherDisk.close();
      disk.close();
    }
  }

  @Test
  void aNodeWithoutADiskForSnapshotsServesSaysSoAndSurvivesBeingKilled() throws Exception {
    try (Scene scene = Scene.open()) {
      scene.posters.takeFailures(false);
      List<String> left = awaitFull(scene.full, scene.disk);
      scene.posters.awaitEachOneMore();
      scene.posters.awaitMore(100);
      assertThat(cluster.ready(scene.full)).as("a node without snapshots serves").isTrue();
      awaitNewSnapshot(scene.other, scene.otherDisk);
      assertThat(scene.posters.takeFailures(false)).as("what callers were answered").isEmpty();

      ClusterServers.kill(cluster.node(scene.full));
      cluster.up();
      scene.posters.awaitEachOneMore();
      awaitFault(scene.full);
      assertThat(snapshots(scene.disk)).as("what was there before").isEqualTo(left);
      scene.end();
    }
  }

  @Test
  void whenAllNodesAreKilledTheApplierStartsFromItsOldSnapshotOnTheFullDisk() throws Exception {
    try (Scene scene = Scene.open()) {
      List<String> left = awaitFull(scene.full, scene.disk);
      List<String> otherLeft = awaitFull(scene.other, scene.otherDisk);
      scene.posters.awaitMore(100);
      List<ProcessHandle> nodes = cluster.nodes().stream().map(cluster::node).toList();
      nodes.forEach(ClusterServers::kill);
      cluster.up();
      scene.posters.awaitEachOneMore();
      String applier = cluster.applier();
      long loaded = revision(applier);
      System.out.println("ClusterFullDiskIT: " + applier + " started from revision " + loaded);
      assertThat(applier.equals(scene.full) ? left : otherLeft)
          .as("the snapshot that " + applier + " started from")
          .anyMatch(name -> name.contains(String.format("%019d", loaded)));
      scene.end();
    }
  }

  private static SmallDisk mount(String node) {
    Path instance = cluster.instance(node);
    return SmallDisk.mount(
        instance.resolve("plenum/reader"), ROOM, instance.resolve("logs/mounts.log"));
  }

  private static List<String> snapshots(SmallDisk disk) {
    try (Stream<Path> files = Files.list(disk.folder())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".snapshot"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void awaitNewSnapshot(String node, SmallDisk disk) {
    List<String> before = snapshots(disk);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(snapshots(disk))
                    .as("snapshots of " + node)
                    .anyMatch(name -> !before.contains(name)));
  }

  /** Leaves no room; metrics and health say so; answers with what is on the disk. */
  private static List<String> awaitFull(String node, SmallDisk disk) {
    double faults = faults(node);
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofSeconds(1))
        // What is written at this moment cannot be cut off; it is gone at the next try.
        .ignoreExceptionsInstanceOf(IllegalStateException.class)
        .until(
            () -> {
              disk.leave(0);
              return faults(node) > faults;
            });
    awaitFault(node);
    List<String> left = snapshots(disk);
    assertThat(left).as("snapshots of " + node + " from before").isNotEmpty();
    return left;
  }

  /** Metrics and health say that no snapshot can be written. */
  private static void awaitFault(String node) {
    double faults = faults(node);
    await().atMost(PATIENCE).until(() -> faults(node) > faults);
    // Health is answered from a look that may be a second old.
    await().atMost(PATIENCE).until(() -> cluster.text(node, "/health").contains("snapshotFault"));
  }

  private static double faults(String node) {
    return Metrics.in(cluster.metrics(node), "reader_snapshot_faults_total");
  }

  private static long revision(String node) {
    String health = cluster.text(node, "/health");
    Matcher found = REVISION.matcher(health);
    assertThat(found.find()).as(health).isTrue();
    return Long.parseLong(found.group(1));
  }
}
