package org.plenum.report;

import java.sql.SQLException;
import org.plenum.writer.TestDatabase;

class ReportProcessingH2Test extends ReportProcessingContract {
  @Override
  TestDatabase database() throws SQLException {
    return TestDatabase.h2();
  }
}
