package org.plenum.report.xmpp;

import org.jivesoftware.smack.packet.IQ;
import org.jspecify.annotations.Nullable;

/** Asks for one page of the account's own archive (XEP-0313 with XEP-0059). */
final class ArchiveQuery extends IQ {
  static final String NAMESPACE = "urn:xmpp:mam:2";
  static final String PAGING = "http://jabber.org/protocol/rsm";

  private final String query;
  private final @Nullable String after;
  private final int most;

  ArchiveQuery(String query, @Nullable String after, int most) {
    super("query", NAMESPACE);
    this.query = query;
    this.after = after;
    this.most = most;
    setType(Type.set);
  }

  @Override
  protected IQChildElementXmlStringBuilder getIQChildElementBuilder(
      IQChildElementXmlStringBuilder xml) {
    xml.attribute("queryid", query);
    xml.rightAngleBracket();
    xml.halfOpenElement("set").xmlnsAttribute(PAGING).rightAngleBracket();
    xml.element("max", Integer.toString(most));
    if (after != null) {
      xml.element("after", after);
    }
    xml.closeElement("set");
    return xml;
  }
}
