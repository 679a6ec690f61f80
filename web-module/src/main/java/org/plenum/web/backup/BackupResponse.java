package org.plenum.web.backup;

import org.jspecify.annotations.Nullable;
import org.plenum.backup.api.Backup;
import org.plenum.web.api.Times;

/**
 * A backup of one node.
 *
 * @param name of its folder
 * @param state RUNNING, COMPLETE or FAILED
 * @param seconds how long it took, or has taken so far
 * @param bytes its size, or what of it is written
 * @param revision the last update that it holds, 0 while that is not known
 * @param problem why it failed
 */
public record BackupResponse(
    String name,
    String state,
    String startedAt,
    double seconds,
    long bytes,
    long revision,
    @Nullable String problem) {
  static BackupResponse of(Backup backup) {
    return new BackupResponse(
        backup.name(),
        backup.state().name(),
        Times.text(backup.startedAt()),
        backup.seconds(),
        backup.bytes(),
        backup.revision(),
        backup.problem());
  }
}
