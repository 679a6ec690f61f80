package org.plenum.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What has the name of a backup is whole, wherever the making of it was ended. */
class BackupFolderTest {
  private static final Instant NOW = Instant.parse("2026-11-24T14:00:00Z");

  @TempDir private Path folder;

  static Manifest manifest(Instant started) {
    return new Manifest("1.0.0", "h2", "10", 42, true, started, Duration.ofSeconds(3));
  }

  private Path make(DurableFiles files, Instant now, int keep) throws IOException {
    try (BackupFolder backups = new BackupFolder(folder, files)) {
      Path draft = Objects.requireNonNull(backups.begin(now));
      Path database = draft.resolve("database");
      files.makeFolder(database);
      Files.writeString(database.resolve("plenum.mv.db"), "rows");
      Path whole = backups.complete(draft, manifest(now));
      backups.retire(keep, whole);
      return whole;
    }
  }

  private List<String> names() throws IOException {
    return new BackupFolder(folder, new DurableFiles())
        .list().stream().map(BackupFolder.Whole::name).toList();
  }

  @Test
  void aBackupIsForItsOwnerAloneAndSaysWhatItHolds() throws IOException {
    Path whole = make(new DurableFiles(), NOW, 5);
    assertThat(whole).isEqualTo(folder.resolve("2026-11-24T140000"));
    Manifest.verify(whole, null);
    assertThat(Manifest.read(whole)).isEqualTo(manifest(NOW));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(whole)))
        .isEqualTo("rwx------");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(whole.resolve("database/plenum.mv.db"))))
        .isEqualTo("rw-------");
  }

  /** Full disk or kill: whatever it was, it came before one of the changes. */
  @Test
  void anEndAtAnyStepLeavesNothingThatLooksWhole() throws IOException {
    make(new DurableFiles(), NOW, 2);
    make(new DurableFiles(), NOW.plusSeconds(1), 2);
    int faults = 0;
    int retiring = 0;
    for (int step = 0; ; step++) {
      int fatal = step;
      int[] count = {0};
      boolean[] failed = {false};
      DurableFiles dying =
          new DurableFiles(
              change -> {
                if (count[0]++ == fatal) {
                  failed[0] = true;
                  throw new IOException("no space left: " + change);
                }
              });
      boolean made = true;
      try {
        make(dying, NOW.plusSeconds(100 + step), 2);
      } catch (IOException e) {
        made = false;
        assertThat(e).hasMessageContaining("no space left");
      }
      List<BackupFolder.Whole> left = new BackupFolder(folder, new DurableFiles()).list();
      assertThat(left).as("step %d", step).hasSizeBetween(2, 3);
      for (BackupFolder.Whole whole : left) {
        Manifest.verify(whole.path(), null);
      }
      if (!failed[0]) {
        break;
      }
      faults++;
      retiring += made ? 1 : 0; // the backup is made, whatever becomes of the old ones
    }
    assertThat(faults).isGreaterThan(8);
    assertThat(retiring).isPositive();
    make(new DurableFiles(), NOW.plusSeconds(9_000), 2);
    try (var all = Files.list(folder)) {
      assertThat(all.filter(path -> path.toString().endsWith(".part"))).isEmpty();
    }
    assertThat(names()).hasSize(2).contains("2026-11-24T163000");
  }

  @Test
  void oneAtATimeMakesABackup() throws IOException {
    try (BackupFolder first = new BackupFolder(folder, new DurableFiles());
        BackupFolder second = new BackupFolder(folder, new DurableFiles())) {
      assertThat(first.begin(NOW)).isNotNull();
      assertThat(second.begin(NOW)).isNull();
      first.close();
      assertThat(second.begin(NOW)).isNotNull();
    }
  }

  @Test
  void twoInOneSecondHaveNamesOfTheirOwn() throws IOException {
    make(new DurableFiles(), NOW, 5);
    make(new DurableFiles(), NOW, 5);
    assertThat(names()).containsExactly("2026-11-24T140000-2", "2026-11-24T140000");
  }

  @Test
  void theOldestGoBeyondTheNumberThatIsKept() throws IOException {
    for (int i = 0; i < 4; i++) {
      make(new DurableFiles(), NOW.plusSeconds(i), 2);
    }
    assertThat(names()).containsExactly("2026-11-24T140003", "2026-11-24T140002");
  }

  @Test
  void theOneJustMadeStaysWhenTheClockWasAheadBefore() throws IOException {
    make(new DurableFiles(), NOW.plusSeconds(86_400), 1);
    Path made = make(new DurableFiles(), NOW, 1);
    assertThat(names()).containsExactly(String.valueOf(made.getFileName()));
    make(new DurableFiles(), NOW, 1);
    assertThat(names()).hasSize(1);
  }

  @Test
  void whatIsNoneOfOursIsNeitherListedNorDeleted() throws IOException {
    Files.createDirectories(folder.resolve("mine"));
    Files.writeString(folder.resolve("mine/notes"), "keep");
    make(new DurableFiles(), NOW, 1);
    make(new DurableFiles(), NOW.plusSeconds(1), 1);
    assertThat(folder.resolve("mine/notes")).exists();
    assertThat(names()).hasSize(1);
  }

  @Test
  void damageOfAnyFileIsFound() throws IOException {
    for (String name : List.of("database/plenum.mv.db", "backup.properties")) {
      Path whole = make(new DurableFiles(), NOW, 5);
      Files.writeString(whole.resolve(name), "format=1\nother");
      assertThatThrownBy(() -> Manifest.verify(whole, null)).hasMessageContaining(name);
    }
    Path lacking = make(new DurableFiles(), NOW, 5);
    Files.delete(lacking.resolve("database/plenum.mv.db"));
    assertThatThrownBy(() -> Manifest.verify(lacking, null)).hasMessageContaining("is missing");
  }

  @Test
  void aListThatLeadsOutOfTheBackupIsRefused() throws IOException {
    Path whole = make(new DurableFiles(), NOW, 5);
    Path sums = whole.resolve(Manifest.SUMS);
    Files.writeString(
        sums, Files.readString(sums) + "0".repeat(64) + "  database/../../../etc/passwd\n");
    assertThatThrownBy(() -> Manifest.sums(whole)).hasMessageContaining("outside");
  }
}
