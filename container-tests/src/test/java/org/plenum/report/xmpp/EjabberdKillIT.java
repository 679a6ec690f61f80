package org.plenum.report.xmpp;

import java.nio.file.Path;
import org.plenum.testkit.EjabberdServer;
import org.plenum.testkit.XmppServer;

class EjabberdKillIT extends XmppKillContract {
  @Override
  boolean isInstalled() {
    return EjabberdServer.isInstalled();
  }

  @Override
  XmppServer server(Path work) {
    return EjabberdServer.start(work);
  }
}
