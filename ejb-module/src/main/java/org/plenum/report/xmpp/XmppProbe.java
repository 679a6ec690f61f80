package org.plenum.report.xmpp;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.HashMap;
import java.util.Map;
import org.plenum.platform.health.HealthProbe;

/**
 * The XMPP servers that this node reads. A server that is away keeps its reports and is no reason
 * to take this node out of service.
 */
@ApplicationScoped
public class XmppProbe implements HealthProbe {
  @Inject private XmppBeans intake;

  @Override
  public String name() {
    return "xmpp";
  }

  @Override
  public boolean up() {
    return true;
  }

  @Override
  public Map<String, String> facts() {
    Map<String, String> facts = new HashMap<>();
    intake
        .views()
        .forEach(
            (account, view) -> {
              String key = account.jid();
              facts.put(key, view.state() + " since " + view.since());
              facts.put(key + ".connections", Long.toString(view.connections()));
              if (view.position() != null) {
                facts.put(key + ".lastArchiveId", view.position());
              }
              if (view.notArchived() > 0) {
                facts.put(
                    key + ".notArchived",
                    view.notArchived()
                        + " messages came and are not in the archive: see the guide");
              }
              if (view.goneAt() != null) {
                // A number and a time that somebody has to see: reports may have been deleted.
                facts.put(
                    key + ".archiveTrimmed",
                    view.gone()
                        + " times, last "
                        + view.goneAt()
                        + ": the server had deleted the place where reading was to go on");
              }
            });
    return facts;
  }
}
