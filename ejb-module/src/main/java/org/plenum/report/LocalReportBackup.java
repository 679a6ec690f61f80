package org.plenum.report;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Path;
import org.plenum.platform.config.KnownConfig;
import org.plenum.report.api.ReportBackup;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.journal.FileSystemDisk;

/** Copies the journal of this node. Thread-safe. */
@ApplicationScoped
public class LocalReportBackup implements ReportBackup {
  private static final String AWAY =
      "reports are starting or stopping on this node, and their journal cannot be copied now: try"
          + " again in a moment";

  @Inject private LocalReports local;

  @Override
  public Path folder() {
    return ReportConfig.folder(KnownConfig.get());
  }

  @Override
  public boolean copyTo(Path folder) throws IOException {
    return copy(local, ReportConfig.ENABLED.from(KnownConfig.get()), folder);
  }

  /**
   * That no queue is attached does not say that nobody has the journal open: it is so too while the
   * queue starts and while it stops, when its files change.
   */
  static boolean copy(LocalReports local, boolean enabled, Path folder) throws IOException {
    LocalReports.Opened opened = local.opened();
    if (opened == null) {
      if (enabled) {
        throw new IOException(AWAY);
      }
      return false;
    }
    if (opened.queue().ended() != null) {
      throw new IOException(AWAY); // its files may be another node's now
    }
    try {
      opened.journal().copyTo(new FileSystemDisk(folder));
    } catch (QueueException e) {
      throw new IOException(e.getMessage(), e);
    }
    if (!opened.equals(local.opened())) {
      throw new IOException(AWAY); // its segments may have been closed before they were held
    }
    return true;
  }
}
