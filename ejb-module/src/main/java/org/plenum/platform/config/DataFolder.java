package org.plenum.platform.config;

import java.nio.file.Path;
import java.util.List;
import org.eclipse.microprofile.config.Config;

/** Where this node keeps what it must not lose and is not in the database: keys and snapshots. */
public final class DataFolder {
  /** The folder; each feature uses a subfolder of its own. */
  public static final ConfigKey<String> DIRECTORY =
      ConfigKey.text(
          "plenum.data.dir",
          "",
          "Folder of this node's own files (signing key, snapshots); empty for the folder 'plenum'"
              + " of the server instance.");

  /**
   * A file in the folder that is there while files of the node are replaced by those of a backup:
   * half of the one state and half of the other is no state to start from.
   */
  public static final String UNFINISHED_RESTORE = "control/restore-unfinished";

  /** The keys of this feature. */
  public static final List<ConfigKey<?>> KEYS = List.of(DIRECTORY);

  private DataFolder() {}

  /** The folder in force; it may not exist yet. */
  public static Path of(Config config) {
    String configured = DIRECTORY.from(config);
    if (!configured.isBlank()) {
      return Path.of(configured.strip());
    }
    String instance = System.getProperty("com.sun.aas.instanceRoot", ".");
    return Path.of(instance, "plenum");
  }
}
