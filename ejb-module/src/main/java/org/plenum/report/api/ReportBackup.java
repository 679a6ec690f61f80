package org.plenum.report.api;

import java.io.IOException;
import java.nio.file.Path;

/** The reports of this node that are only in its journal, for a backup. Thread-safe. */
public interface ReportBackup {
  /** Where the journal of this node is; it may not exist. */
  Path folder();

  /**
   * Copies the journal into an empty folder while reports go on. All reports that were acknowledged
   * before are in the copy, or were processed by every consumer.
   *
   * @return false when this node takes no reports, so has no journal open; nothing is copied then
   * @throws IOException when it cannot be copied, also because reports are starting or stopping:
   *     then again in a moment
   */
  boolean copyTo(Path folder) throws IOException;
}
