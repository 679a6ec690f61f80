package org.plenum.report.xmpp;

import java.sql.SQLException;
import org.plenum.container.SharedPostgres;
import org.plenum.writer.TestDatabase;

class XmppLeasesPostgresIT extends XmppLeasesContract {
  @Override
  protected TestDatabase database() throws SQLException {
    return TestDatabase.postgres(SharedPostgres.url());
  }
}
