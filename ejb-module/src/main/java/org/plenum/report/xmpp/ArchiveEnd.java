package org.plenum.report.xmpp;

import java.io.IOException;
import org.jivesoftware.smack.packet.IQ;
import org.jivesoftware.smack.packet.IqData;
import org.jivesoftware.smack.packet.XmlEnvironment;
import org.jivesoftware.smack.provider.IqProvider;
import org.jivesoftware.smack.xml.XmlPullParser;
import org.jivesoftware.smack.xml.XmlPullParserException;
import org.jspecify.annotations.Nullable;

/** The element {@code fin}: a page is whole. */
final class ArchiveEnd extends IQ {
  static final String NAME = "fin";

  private final boolean complete;
  private final @Nullable String last;

  private ArchiveEnd(boolean complete, @Nullable String last) {
    super(NAME, ArchiveQuery.NAMESPACE);
    this.complete = complete;
    this.last = last;
    setType(Type.result);
  }

  /** Whether there was nothing behind the page. */
  boolean complete() {
    return complete;
  }

  /** Id of the last message of the page; null when the server does not say. */
  @Nullable String last() {
    return last;
  }

  @Override
  protected IQChildElementXmlStringBuilder getIQChildElementBuilder(
      IQChildElementXmlStringBuilder xml) {
    xml.attribute("complete", Boolean.toString(complete));
    xml.setEmptyElement();
    return xml;
  }

  /** Reads it. Stateless. */
  static final class Provider extends IqProvider<ArchiveEnd> {
    @Override
    public ArchiveEnd parse(
        XmlPullParser parser, int depth, IqData data, XmlEnvironment environment)
        throws XmlPullParserException, IOException {
      String complete = parser.getAttributeValue("", "complete");
      String last = null;
      while (true) {
        switch (parser.next()) {
          case START_ELEMENT -> {
            if (parser.getName().equals("last")) {
              last = parser.nextText();
            }
          }
          case END_ELEMENT -> {
            if (parser.getDepth() == depth) {
              return new ArchiveEnd("true".equals(complete) || "1".equals(complete), last);
            }
          }
          case END_DOCUMENT -> throw new IOException("the stream ends within an answer");
          default -> {
            // Nothing of interest.
          }
        }
      }
    }
  }
}
