package org.plenum.report.queue.jdbc;

import org.plenum.writer.TestDatabase;

class JdbcReportStoreH2Test extends JdbcReportStoreContract {
  @Override
  TestDatabase database() throws Exception {
    return TestDatabase.h2();
  }
}
