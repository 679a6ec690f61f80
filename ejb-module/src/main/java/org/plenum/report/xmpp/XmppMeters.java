package org.plenum.report.xmpp;

import org.plenum.platform.metrics.Meters;

/** What the intake counts, over all servers of this node. Thread-safe. */
final class XmppMeters {
  private final Meters.Counter received;
  private final Meters.Counter refused;
  private final Meters.Counter connections;
  private final Meters.Counter startedOver;
  private final Meters.Counter wentBack;
  private final Meters.Counter notArchived;
  private final Meters.Summary pages;

  XmppMeters(Meters meters) {
    received = meters.counter("xmpp_reports", "Reports taken from XMPP archives");
    refused = meters.counter("xmpp_refused", "Messages in XMPP archives that were no reports");
    connections = meters.counter("xmpp_connections", "Connections made to XMPP servers");
    startedOver =
        meters.counter(
            "xmpp_started_over", "Archives read from their beginning, the place was not there");
    wentBack =
        meters.counter(
            "xmpp_went_back", "Readings that went back for a message that came to stand earlier");
    notArchived =
        meters.counter(
            "xmpp_not_archived",
            "Messages that came and that the server did not put into the archive");
    pages = meters.summary("xmpp_page_reports", "Reports in one page of an XMPP archive");
  }

  void page(long reports, long letters) {
    received.add(reports);
    refused.add(letters);
    pages.observe(reports);
  }

  void connected() {
    connections.increment();
  }

  void wentBack() {
    wentBack.increment();
  }

  void notArchived() {
    notArchived.increment();
  }

  void startedOver() {
    startedOver.increment();
  }
}
