package org.plenum.backup.api;

import java.util.List;

/** Online backups of this node, on H2 (GRP-9). Thread-safe. */
public interface BackupService {
  /**
   * Begins a backup and returns at once.
   *
   * @throws org.plenum.platform.ServiceException BACKUP_RUNNING while another one is made,
   *     BACKUP_ELSEWHERE when the database is none that the server can copy
   */
  Backup begin();

  /** The backups in the configured folder, newest first, and the one that is made now. */
  List<Backup> list();
}
