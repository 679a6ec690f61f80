package org.plenum.report.xmpp;

import java.sql.SQLException;
import org.plenum.writer.TestDatabase;

class XmppLeasesH2Test extends XmppLeasesContract {
  @Override
  protected TestDatabase database() throws SQLException {
    return TestDatabase.h2();
  }
}
