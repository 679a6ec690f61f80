package org.plenum.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plenum.platform.config.DataFolder;

/** A restore is done, not begun, or known to be half done; what was there before is there. */
class RestoreTest {
  private static final Instant NOW = Instant.parse("2026-11-24T14:00:00Z");

  @TempDir private Path scratch;
  private Path backup = Path.of("");
  private Path data = Path.of("");

  @BeforeEach
  void prepare() throws IOException {
    backup = scratch.resolve("backup");
    data = scratch.resolve("data");
    put(backup.resolve("database/plenum.mv.db"), "old rows");
    put(backup.resolve("keys/token-signing.jwk"), "old key");
    put(backup.resolve("reports/1.seg"), "old reports");
    put(backup.resolve("reports/cursors-1"), "old cursors");
    BackupFolderTest.manifest(NOW).write(backup, new DurableFiles());
    put(data.resolve("database/plenum.mv.db"), "new rows");
    put(data.resolve("keys/token-signing.jwk"), "new key");
    put(data.resolve("reports/2.seg"), "new reports");
    put(data.resolve("reader/reader-7.snapshot"), "snapshot");
  }

  private static void put(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private List<Path> restore(Path into, DurableFiles files) throws IOException {
    Restore restore = new Restore(backup, into, files, more -> {});
    restore.check("h2");
    return restore.run(NOW);
  }

  private static Map<String, String> contents(Path folder) throws IOException {
    Map<String, String> found = new TreeMap<>();
    for (Path file : DurableFiles.filesOf(folder)) {
      found.put(folder.relativize(file).toString(), Files.readString(file));
    }
    return found;
  }

  private static void assertRestored(Path folder) throws IOException {
    Map<String, String> found = contents(folder);
    assertThat(found)
        .containsEntry("database/plenum.mv.db", "old rows")
        .containsEntry("keys/token-signing.jwk", "old key")
        .containsEntry("reports/1.seg", "old reports")
        .containsEntry("reports/cursors-1", "old cursors")
        .doesNotContainKey("reports/2.seg")
        .doesNotContainKey("reader/reader-7.snapshot")
        .doesNotContainKey(DataFolder.UNFINISHED_RESTORE);
    // Nothing that was there is lost.
    assertThat(found.values()).contains("new rows", "new key", "new reports", "snapshot");
  }

  @Test
  void putsTheBackupInTheirPlaceAndKeepsWhatWasThere() throws IOException {
    List<Path> kept = restore(data, new DurableFiles());
    assertRestored(data);
    assertThat(kept)
        .extracting(path -> data.relativize(path).toString())
        .containsExactly(
            "database/plenum.mv.db.before-restore-2026-11-24T140000",
            "reports.before-restore-2026-11-24T140000",
            "keys/token-signing.jwk.before-restore-2026-11-24T140000",
            "reader.before-restore-2026-11-24T140000");
  }

  @Test
  void intoAnEmptyFolderWorksToo() throws IOException {
    Path empty = Files.createDirectory(scratch.resolve("empty"));
    assertThat(restore(empty, new DurableFiles())).isEmpty();
    assertThat(contents(empty)).containsEntry("database/plenum.mv.db", "old rows");
  }

  /** What a process leaves that is killed before any one of the changes. */
  @Test
  void killedAtAnyStepItCanBeDoneAgain() throws IOException {
    List<Path> left = new ArrayList<>();
    DurableFiles watched =
        new DurableFiles(
            change -> {
              Path copy = scratch.resolve("killed-" + left.size());
              copyTree(data, copy);
              left.add(copy);
            });
    restore(data, watched);
    assertThat(left).hasSizeGreaterThan(12);
    int before = 0;
    int half = 0;
    for (Path killed : left) {
      Map<String, String> found = contents(killed);
      if (found.containsKey(DataFolder.UNFINISHED_RESTORE)) {
        half++;
      } else if ("new rows".equals(found.get("database/plenum.mv.db"))) {
        before++;
        assertThat(found)
            .containsEntry("keys/token-signing.jwk", "new key")
            .containsEntry("reports/2.seg", "new reports");
      } else {
        assertRestored(killed);
      }
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
  void whatIsCopiedIsOnTheDiskWithItsNamesBeforeTheMark() throws IOException {
    List<String> changes = new ArrayList<>();
    restore(data, new DurableFiles(changes::add));
    int mark = changes.indexOf("write " + data.resolve(DataFolder.UNFINISHED_RESTORE) + ".new");
    assertThat(mark).isPositive();
    assertThat(changes.subList(0, mark))
        .contains("force " + data.resolve("reports.restoring"))
        .noneMatch(change -> change.contains("before-restore"));
  }

  private int tool(String command) {
    return BackupTool.run(
        new String[] {command, "--data", data.toString(), "--from", backup.toString()},
        System.out,
        System.err,
        Clock.systemUTC());
  }

  /** A database elsewhere is restored between the two. */
  @Test
  void begunAloneItKeepsTheServerFromStartingUntilItIsDone() throws IOException {
    Map<String, String> before = contents(data);
    assertThat(tool("restore-begin")).isZero();
    assertThat(data.resolve(DataFolder.UNFINISHED_RESTORE)).exists();
    assertThat(contents(data)).containsAllEntriesOf(before);
    assertThat(tool("restore")).isZero();
    assertRestored(data);
  }

  @Test
  void aMountOfItsOwnIsRefusedBeforeAnythingIsTouched() throws IOException {
    Path mount = Path.of("/proc");
    assumeTrue(Files.isDirectory(mount), "a file system that is mounted in another one");
    Layout standard = Layout.standard(data);
    Files.createDirectories(data.resolve(Layout.CONTROL));
    new Layout(
            "h2",
            standard.database(),
            standard.keyFile(),
            mount,
            standard.reader(),
            standard.backups(),
            5)
        .write(data, new DurableFiles());
    Map<String, String> before = contents(data);
    Restore restore = new Restore(backup, data, new DurableFiles(), more -> {});
    assertThatThrownBy(() -> restore.check("h2")).hasMessageContaining("/proc is a mount");
    assertThat(contents(data)).isEqualTo(before);
  }

  @Test
  void aBackupOfALaterSchemaIsRefused() throws IOException {
    int newest = Migrations.newest("h2");
    assertThat(newest).isGreaterThanOrEqualTo(10).isEqualTo(Migrations.newest("postgresql"));
    Manifest made = BackupFolderTest.manifest(NOW);
    Files.delete(backup.resolve(Manifest.SUMS));
    new Manifest(made.version(), "h2", String.valueOf(newest + 1), 42, true, NOW, made.took())
        .write(backup, new DurableFiles());
    Map<String, String> before = contents(data);
    assertThatThrownBy(() -> restore(data, new DurableFiles()))
        .hasMessageContaining("schema " + (newest + 1));
    assertThat(contents(data)).isEqualTo(before);
  }

  @Test
  void aFaultWhileItIsCopiedChangesNothing() throws IOException {
    DurableFiles full =
        new DurableFiles(
            change -> {
              if (change.startsWith("copy") && change.contains("cursors")) {
                throw new IOException("no space left");
              }
            });
    Map<String, String> before = contents(data);
    assertThatThrownBy(() -> restore(data, full)).hasMessageContaining("no space left");
    assertThat(contents(data)).containsAllEntriesOf(before);
    assertThat(data.resolve(DataFolder.UNFINISHED_RESTORE)).doesNotExist();
  }

  @Test
  void aDamagedBackupIsRefusedBeforeAnythingIsTouched() throws IOException {
    put(backup.resolve("reports/1.seg"), "old rePorts");
    Map<String, String> before = contents(data);
    assertThatThrownBy(() -> restore(data, new DurableFiles()))
        .hasMessageContaining("reports/1.seg");
    assertThat(contents(data)).isEqualTo(before);
  }

  @Test
  void aBackupOfAnotherDatabaseIsRefused() throws IOException {
    Restore restore = new Restore(backup, data, new DurableFiles(), more -> {});
    assertThatThrownBy(() -> restore.check("postgresql")).hasMessageContaining("uses postgresql");
  }

  @Test
  void aFolderThatIsNoBackupIsRefused() {
    assertThatThrownBy(() -> new Restore(data, data, new DurableFiles(), more -> {}).check("h2"))
        .hasMessageContaining("no whole backup");
  }

  @Test
  void aDatabaseInUseIsRefused() throws IOException {
    try (FileChannel used =
        FileChannel.open(data.resolve("database/plenum.mv.db"), StandardOpenOption.WRITE)) {
      used.lock();
      assertThatThrownBy(() -> restore(data, new DurableFiles())).hasMessageContaining("in use");
    }
    assertThat(contents(data)).containsEntry("database/plenum.mv.db", "new rows");
  }

  @Test
  void goesWhereTheServerSaidItsFilesAre() throws IOException {
    Layout standard = Layout.standard(data);
    Files.createDirectories(data.resolve(Layout.CONTROL));
    new Layout(
            "h2",
            scratch.resolve("fast disk/h2/plenum.mv.db"),
            scratch.resolve("secret/key.jwk"),
            scratch.resolve("journal"),
            standard.reader(),
            standard.backups(),
            9)
        .write(data, new DurableFiles());
    restore(data, new DurableFiles());
    assertThat(scratch.resolve("fast disk/h2/plenum.mv.db")).hasContent("old rows");
    assertThat(scratch.resolve("secret/key.jwk")).hasContent("old key");
    assertThat(scratch.resolve("journal/1.seg")).hasContent("old reports");
    assertThat(data.resolve("database/plenum.mv.db")).hasContent("new rows");
    assertThat(Layout.read(data).keep()).isEqualTo(9);
  }
}
