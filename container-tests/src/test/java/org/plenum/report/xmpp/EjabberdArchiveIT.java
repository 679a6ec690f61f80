package org.plenum.report.xmpp;

import java.nio.file.Path;
import org.plenum.testkit.EjabberdServer;
import org.plenum.testkit.XmppServer;

class EjabberdArchiveIT extends XmppArchiveContract {
  @Override
  boolean isInstalled() {
    return EjabberdServer.isInstalled();
  }

  @Override
  XmppServer server(Path work) {
    return EjabberdServer.start(work);
  }

  /** Its ids are times: it goes on behind a deleted one. */
  @Override
  boolean knowsWhatItDeleted() {
    return true;
  }
}
