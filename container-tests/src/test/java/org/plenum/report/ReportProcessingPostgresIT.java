package org.plenum.report;

import org.plenum.container.SharedPostgres;
import org.plenum.writer.TestDatabase;

class ReportProcessingPostgresIT extends ReportProcessingContract {
  @Override
  TestDatabase database() throws Exception {
    return TestDatabase.postgres(SharedPostgres.url());
  }
}
