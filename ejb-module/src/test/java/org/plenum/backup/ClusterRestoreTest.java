package org.plenum.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plenum.platform.config.DataFolder;

/**
 * A restore of a cluster is done, not begun, or known on every node to be half done; what was there
 * before is there. The database is a few files here; a real one is in {@code ClusterBackupIT}.
 */
class ClusterRestoreTest {
  private static final Instant NOW = Instant.parse("2026-11-27T14:00:00Z");
  private static final List<String> NODES = List.of("node1", "node2");

  @TempDir private Path scratch;
  private Path backup = Path.of("");
  private Path cluster = Path.of("");

  @BeforeEach
  void prepare() throws IOException {
    backup = scratch.resolve("backup");
    cluster = scratch.resolve("cluster");
    for (String node : NODES) {
      put(backup.resolve(node + "/reports/1.seg"), "old reports of " + node);
      put(backup.resolve(node + "/keys/token-signing.jwk"), "old key");
      manifest(DatabaseFacts.POSTGRESQL).write(backup.resolve(node), new DurableFiles());
      put(data(cluster, node).resolve("reports/2.seg"), "new reports of " + node);
      put(data(cluster, node).resolve("reader/reader-7.snapshot"), "snapshot of " + node);
    }
    put(backup.resolve("database/PG_VERSION"), "18");
    put(backup.resolve("database/base/1/16384"), "old rows");
    Files.createDirectories(backup.resolve("database/pg_notify"));
    manifest(ClusterBackup.PRODUCT).write(backup, new DurableFiles());
    put(cluster.resolve("primary/base/1/16384"), "new rows");
    put(cluster.resolve("replica/base/1/16384"), "new rows of the replica");
    put(cluster.resolve("keys/token-signing.jwk"), "new key");
    writeLayouts(cluster);
  }

  private static Manifest manifest(String product) {
    return new Manifest("1.0.0", product, "10", 42, true, NOW, Duration.ofSeconds(3));
  }

  private static void put(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private static Path data(Path root, String node) {
    return root.resolve("nodes").resolve(node).resolve("plenum");
  }

  /** As the servers write them at their start: all paths are absolute, and the key is shared. */
  private static void writeLayouts(Path root) throws IOException {
    for (String node : NODES) {
      Path data = data(root, node);
      Layout standard = Layout.standard(data);
      Files.createDirectories(data.resolve(Layout.CONTROL));
      new Layout(
              DatabaseFacts.POSTGRESQL,
              standard.database(),
              root.resolve("keys/token-signing.jwk"),
              standard.reports(),
              standard.reader(),
              standard.backups(),
              5)
          .write(data, new DurableFiles());
    }
  }

  private ClusterRestore restoreOf(Path root, DurableFiles files) {
    Map<String, Path> nodes = new LinkedHashMap<>();
    NODES.forEach(node -> nodes.put(node, data(root, node)));
    return new ClusterRestore(backup, nodes, root.resolve("primary"), files, more -> {});
  }

  private List<Path> restore(Path root, DurableFiles files) throws IOException {
    ClusterRestore restore = restoreOf(root, files);
    restore.check();
    restore.stage();
    return restore.replace(List.of(root.resolve("replica")), NOW);
  }

  private static Map<String, String> contents(Path folder) throws IOException {
    Map<String, String> found = new TreeMap<>();
    for (Path file : DurableFiles.filesOf(folder)) {
      found.put(folder.relativize(file).toString(), Files.readString(file));
    }
    return found;
  }

  private static void assertRestored(Path root) throws IOException {
    Map<String, String> found = contents(root);
    assertThat(found)
        .containsEntry("primary/base/1/16384", "old rows")
        .containsEntry("keys/token-signing.jwk", "old key")
        .containsEntry("nodes/node1/plenum/reports/1.seg", "old reports of node1")
        .containsEntry("nodes/node2/plenum/reports/1.seg", "old reports of node2")
        .doesNotContainKey("nodes/node1/plenum/reports/2.seg")
        .doesNotContainKey("nodes/node2/plenum/reader/reader-7.snapshot")
        .doesNotContainKey("replica/base/1/16384");
    assertThat(root.resolve("primary/pg_notify")).isEmptyDirectory();
    assertThat(marks(root)).isZero();
    // Nothing that was there is lost.
    assertThat(found.values())
        .contains(
            "new rows",
            "new rows of the replica",
            "new key",
            "new reports of node1",
            "new reports of node2",
            "snapshot of node1",
            "snapshot of node2");
  }

  private static long marks(Path root) {
    return NODES.stream()
        .filter(node -> Files.exists(data(root, node).resolve(DataFolder.UNFINISHED_RESTORE)))
        .count();
  }

  @Test
  void putsTheBackupInTheirPlaceAndKeepsWhatWasThere() throws IOException {
    List<Path> kept = restore(cluster, new DurableFiles());
    assertRestored(cluster);
    assertThat(kept)
        .contains(
            cluster.resolve("primary.before-restore-2026-11-27T140000"),
            cluster.resolve("replica.before-restore-2026-11-27T140000"));
  }

  /** What a process leaves that is killed before any one of the changes. */
  @Test
  void killedAtAnyStepItCanBeDoneAgain() throws IOException {
    List<Path> left = new ArrayList<>();
    DurableFiles watched =
        new DurableFiles(
            change -> {
              Path copy = scratch.resolve("killed-" + left.size());
              copyTree(cluster, copy);
              left.add(copy);
            });
    restore(cluster, watched);
    assertThat(left).hasSizeGreaterThan(30);
    int before = 0;
    int half = 0;
    for (Path killed : left) {
      Map<String, String> found = contents(killed);
      long marks = marks(killed);
      if (marks == NODES.size()) {
        half++;
      } else if ("new rows".equals(found.get("primary/base/1/16384"))) {
        before++;
        assertThat(found)
            .containsEntry("keys/token-signing.jwk", "new key")
            .containsEntry("nodes/node1/plenum/reports/2.seg", "new reports of node1")
            .containsEntry("nodes/node2/plenum/reports/2.seg", "new reports of node2");
      } else {
        // The marks go one after the other, when everything is in its place.
        assertThat(found)
            .containsEntry("primary/base/1/16384", "old rows")
            .containsEntry("nodes/node1/plenum/reports/1.seg", "old reports of node1")
            .containsEntry("nodes/node2/plenum/reports/1.seg", "old reports of node2")
            .containsEntry("keys/token-signing.jwk", "old key");
      }
      writeLayouts(killed);
      restore(killed, new DurableFiles());
      assertRestored(killed);
    }
    assertThat(before).isPositive();
    assertThat(half).isPositive();
  }

  private static void copyTree(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path each : all.toList()) {
        Files.copy(each, to.resolve(from.relativize(each).toString()));
      }
    }
  }

  @Test
  void aFaultBeforeAnythingIsReplacedLeavesNoMark() throws IOException {
    Map<String, String> before = contents(cluster);
    DurableFiles full =
        new DurableFiles(
            change -> {
              if (change.startsWith("copy")
                  && change.contains("node2")
                  && change.contains("1.seg")) {
                throw new IOException("no space left");
              }
            });
    assertThatThrownBy(() -> restore(cluster, full)).hasMessageContaining("no space left");
    assertThat(contents(cluster)).containsAllEntriesOf(before);
    assertThat(marks(cluster)).isZero();
  }

  private void assertRefused(String reason) throws IOException {
    Map<String, String> before = contents(cluster);
    assertThatThrownBy(() -> restore(cluster, new DurableFiles())).hasMessageContaining(reason);
    assertThat(contents(cluster)).isEqualTo(before);
  }

  @Test
  void aDamagedBackupIsRefusedBeforeAnythingIsTouched() throws IOException {
    put(backup.resolve("database/base/1/16384"), "old rowS");
    assertRefused("database/base/1/16384");
  }

  @Test
  void aBackupOfOtherNodesIsRefused() throws IOException {
    put(backup.resolve("node3/reports/1.seg"), "reports");
    manifest(DatabaseFacts.POSTGRESQL).write(backup.resolve("node3"), new DurableFiles());
    Files.delete(backup.resolve(Manifest.SUMS));
    Files.delete(backup.resolve(Manifest.FACTS));
    manifest(ClusterBackup.PRODUCT).write(backup, new DurableFiles());
    assertRefused("is of a cluster of node1, node2, node3, and this one has node1, node2");
  }

  @Test
  void aBackupOfOneServerIsRefused() throws IOException {
    backup = backup.resolve("node1");
    assertRefused("not of a cluster");
  }

  @Test
  void aDatabaseWhoseLogWasNotReplayedIsNotPutInPlace() throws IOException {
    put(backup.resolve("database/backup_label"), "START WAL LOCATION");
    Files.delete(backup.resolve(Manifest.SUMS));
    Files.delete(backup.resolve(Manifest.FACTS));
    manifest(ClusterBackup.PRODUCT).write(backup, new DurableFiles());
    Map<String, String> before = contents(cluster);
    assertThatThrownBy(() -> restore(cluster, new DurableFiles()))
        .hasMessageContaining("no server has replayed the log");
    assertThat(contents(cluster)).containsAllEntriesOf(before);
    assertThat(marks(cluster)).isZero();
  }
}
