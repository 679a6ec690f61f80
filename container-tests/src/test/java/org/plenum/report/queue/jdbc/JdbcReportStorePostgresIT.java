package org.plenum.report.queue.jdbc;

import org.plenum.container.SharedPostgres;
import org.plenum.writer.TestDatabase;

class JdbcReportStorePostgresIT extends JdbcReportStoreContract {
  @Override
  TestDatabase database() throws Exception {
    return TestDatabase.postgres(SharedPostgres.url());
  }
}
