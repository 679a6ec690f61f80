package org.plenum.report.queue.jdbc;

import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.plenum.report.queue.ReportStore;
import org.plenum.report.queue.ReportStoreContract;
import org.plenum.writer.TestDatabase;

/** The storage in a database, on any product. */
abstract class JdbcReportStoreContract extends ReportStoreContract {
  private TestDatabase database;

  /** A fresh database with the real migrations. */
  abstract TestDatabase database() throws Exception;

  @BeforeEach
  void prepare() throws Exception {
    database = database();
  }

  @Override
  protected void dropStorage() throws Exception {
    database.close();
  }

  @Override
  protected ReportStore store() {
    return store(Duration.ofMinutes(10));
  }

  @Override
  protected ReportStore weakStore() {
    return store(Duration.ofMillis(1));
  }

  private ReportStore store(Duration lease) {
    JdbcOptions options = new JdbcOptions("node-1", "node", lease, 100);
    return new JdbcReportStore(database.dataSource(), options, Clock.systemUTC());
  }
}
