package org.plenum.report;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Set;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.platform.config.KnownConfig;
import org.plenum.report.api.ReportFeeds;

/** Feeds from the queue of this node. Thread-safe. */
@ApplicationScoped
public class LocalReportFeeds implements ReportFeeds {
  @Inject private LocalReports local;

  /**
   * Read once: Payara looks for a value on the data grid too, which may not answer for a minute.
   */
  private final Set<String> groups = Set.copyOf(ReportConfig.STREAM_GROUPS.from(KnownConfig.get()));

  @Override
  public Feed open(String group) {
    if (!groups.contains(group)) {
      throw new ServiceException(
          ErrorCode.NOT_FOUND, "no group of this name in plenum.report.stream.groups");
    }
    return LocalFeed.guarded(() -> new LocalFeed(local.queue().consumer(group)));
  }
}
