package org.plenum.report;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Path;
import org.eclipse.microprofile.config.ConfigProvider;
import org.plenum.report.api.ReportBackup;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.journal.FileSystemDisk;

/** Copies the journal of this node. Thread-safe. */
@ApplicationScoped
public class LocalReportBackup implements ReportBackup {
  @Inject private LocalReports local;

  @Override
  public Path folder() {
    return ReportConfig.folder(ConfigProvider.getConfig());
  }

  @Override
  public boolean copyTo(Path folder) throws IOException {
    LocalReports.Opened opened = local.opened();
    if (opened == null) {
      return false;
    }
    try {
      opened.journal().copyTo(new FileSystemDisk(folder));
      return true;
    } catch (QueueException e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}
