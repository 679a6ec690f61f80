package org.plenum.report.xmpp;

import java.nio.file.Path;
import org.plenum.testkit.ProsodyServer;
import org.plenum.testkit.XmppServer;

class ProsodyKillIT extends XmppKillContract {
  @Override
  boolean isInstalled() {
    return ProsodyServer.isInstalled();
  }

  @Override
  XmppServer server(Path work) {
    return ProsodyServer.start(work);
  }
}
