package org.plenum.report;

import jakarta.annotation.Resource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.Config;
import org.plenum.platform.config.KnownConfig;

/** Wires reports; CDI calls it, nobody else. */
@ApplicationScoped
public class ReportBeans {
  @Resource(lookup = "jdbc/plenum")
  private DataSource dataSource;

  /** One store for processing, intakes and readers. */
  @Produces
  @Singleton
  JdbcReportStore store() {
    Config config = KnownConfig.get();
    return new JdbcReportStore(
        dataSource,
        Clock.systemUTC(),
        ReportConfig.STATE_HOLDS.from(config),
        ReportConfig.STATE_HOLDS_AT_MOST.from(config));
  }

  /** What readers see of it. */
  @Produces
  @Singleton
  JdbcReportQueries queries() {
    return new JdbcReportQueries(dataSource);
  }
}
