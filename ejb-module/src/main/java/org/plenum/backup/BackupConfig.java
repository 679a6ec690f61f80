package org.plenum.backup;

import java.nio.file.Path;
import java.util.List;
import org.eclipse.microprofile.config.Config;
import org.plenum.platform.config.ConfigKey;
import org.plenum.platform.config.DataFolder;

/**
 * Configuration of backups.
 *
 * @param folder where they go
 * @param keep how many are kept
 * @param reserveBytes what has to stay free on the disk
 */
public record BackupConfig(Path folder, int keep, long reserveBytes) {
  /** Where backups go. */
  public static final ConfigKey<String> FOLDER =
      ConfigKey.text(
          "plenum.backup.folder",
          "",
          "Folder of this node's backups, best on another disk than the database; empty for"
              + " 'backups' in plenum.data.dir. A backup holds all messages and the signing key:"
              + " the server makes the folder for its own user alone.");

  /** How many are kept. */
  public static final ConfigKey<Integer> KEEP =
      ConfigKey.integer(
          "plenum.backup.keep",
          5,
          1,
          1_000,
          "Backups that are kept in the folder; older ones are deleted when a new one is complete.");

  /** What stays free. */
  public static final ConfigKey<Integer> RESERVE =
      ConfigKey.integer(
          "plenum.backup.reserve-megabytes",
          512,
          0,
          1_000_000,
          "MiB that must stay free on the disk of the backups; a backup that would not leave them is"
              + " refused before it begins.");

  /** The keys of this feature. */
  public static final List<ConfigKey<?>> KEYS = List.of(FOLDER, KEEP, RESERVE);

  /** Reads the configuration. */
  public static BackupConfig from(Config config) {
    String folder = FOLDER.from(config).strip();
    return new BackupConfig(
        folder.isEmpty() ? DataFolder.of(config).resolve("backups") : Path.of(folder),
        KEEP.from(config),
        (long) RESERVE.from(config) << 20);
  }
}
