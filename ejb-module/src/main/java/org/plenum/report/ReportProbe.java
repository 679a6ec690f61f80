package org.plenum.report;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.LinkedHashMap;
import java.util.Map;
import org.plenum.platform.health.HealthProbe;
import org.plenum.report.queue.GroupView;
import org.plenum.report.queue.QueueView;

/**
 * How the queue of reports is. It never takes the node out of rotation: while reports cannot be
 * stored they are refused, with the time to come again, and all else works.
 */
@ApplicationScoped
public class ReportProbe implements HealthProbe {
  @Inject private LocalReports reports;

  @Override
  public String name() {
    return "reports";
  }

  @Override
  public boolean up() {
    return true;
  }

  @Override
  public Map<String, String> facts() {
    LocalReports.Opened opened = reports.opened();
    if (opened == null) {
      return Map.of("state", "off");
    }
    QueueView view = opened.queue().view();
    String failing = view.failing();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("state", failing == null ? "takes reports" : "refuses reports: " + failing);
    facts.put("journalBytes", Long.toString(view.store().bytes()));
    facts.put("deadLetters", Integer.toString(view.deadLetters()));
    for (GroupView group : view.groups()) {
      facts.put(group.name() + ".lag", Long.toString(group.lag()));
    }
    return facts;
  }
}
