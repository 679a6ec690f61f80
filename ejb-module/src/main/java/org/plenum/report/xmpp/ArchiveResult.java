package org.plenum.report.xmpp;

import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import javax.xml.namespace.QName;
import org.jivesoftware.smack.packet.ExtensionElement;
import org.jivesoftware.smack.packet.XmlEnvironment;
import org.jivesoftware.smack.provider.ExtensionElementProvider;
import org.jivesoftware.smack.util.XmlStringBuilder;
import org.jivesoftware.smack.xml.XmlPullParser;
import org.jivesoftware.smack.xml.XmlPullParserException;
import org.jspecify.annotations.Nullable;

/**
 * The element {@code result} of XEP-0313, read by ourselves: the library's own reading of what is
 * inside would end the connection at an element that the sender got wrong, and again after each new
 * connection, so that one bad message would block its source for ever. Immutable.
 */
final class ArchiveResult implements ExtensionElement {
  static final String NAME = "result";
  static final String REPORT = "report";
  static final String REPORT_NAMESPACE = "urn:plenum:report:1";
  private static final String CLIENT = "jabber:client";
  private static final String DELAY = "urn:xmpp:delay";
  private static final String FORWARD = "urn:xmpp:forward:0";
  static final String RECEIPTS = "urn:xmpp:receipts";

  private final String query;
  private final ArchivedMessage message;

  private ArchiveResult(String query, ArchivedMessage message) {
    this.query = query;
    this.message = message;
  }

  /** Id of the query that it answers. */
  String query() {
    return query;
  }

  ArchivedMessage message() {
    return message;
  }

  @Override
  public String getElementName() {
    return NAME;
  }

  @Override
  public String getNamespace() {
    return ArchiveQuery.NAMESPACE;
  }

  @Override
  public XmlStringBuilder toXML(XmlEnvironment environment) {
    return new XmlStringBuilder(this, environment)
        .attribute("id", message.id())
        .optAttribute("queryid", query)
        .closeEmptyElement();
  }

  /** Reads it. Stateless. */
  static final class Provider extends ExtensionElementProvider<ArchiveResult> {
    @Override
    public ArchiveResult parse(XmlPullParser parser, int depth, XmlEnvironment environment)
        throws XmlPullParserException, IOException {
      String id = text(parser.getAttributeValue("", "id"));
      String query = text(parser.getAttributeValue("", "queryid"));
      Reading reading = new Reading();
      while (true) {
        switch (parser.next()) {
          case START_ELEMENT -> reading.start(parser, parser.getDepth() - depth);
          case END_ELEMENT -> {
            if (parser.getDepth() == depth) {
              return new ArchiveResult(query, reading.message(id));
            }
            reading.end(parser.getDepth() - depth);
          }
          case TEXT_CHARACTERS -> reading.characters(parser.getText());
          case END_DOCUMENT -> throw new IOException("the stream ends within an archived message");
          default -> {
            // Comments and the like carry nothing.
          }
        }
      }
    }

    private static String text(@Nullable String attribute) {
      return attribute == null ? "" : attribute;
    }
  }

  /** Depths: 1 the forwarding, 2 the message and its delay, 3 what the sender wrote. */
  private static final class Reading {
    private static final int MOST_TEXT = 1 << 20;
    private static final int FORWARDED = 1;
    private static final int MESSAGE = 2;
    private static final int CONTENT = 3;

    private boolean inForwarded;
    private boolean inMessage;
    private String from = "";
    private @Nullable String messageId;
    private @Nullable String body;
    private @Nullable String payload;
    private @Nullable Instant stamp;
    private boolean wantsReceipt;
    private @Nullable StringBuilder text;
    private boolean isBody;

    void start(XmlPullParser parser, int depth) {
      QName name = parser.getQName();
      if (depth == FORWARDED) {
        inForwarded = name.equals(new QName(FORWARD, "forwarded"));
      } else if (inForwarded && depth == MESSAGE) {
        if (name.equals(new QName(DELAY, "delay"))) {
          stamp = instant(parser.getAttributeValue("", "stamp"));
        } else if (name.equals(new QName(CLIENT, "message"))) {
          inMessage = true;
          from = Provider.text(parser.getAttributeValue("", "from"));
          messageId = parser.getAttributeValue("", "id");
        }
      } else if (inMessage && depth == CONTENT) {
        content(name);
      }
    }

    private void content(QName name) {
      boolean first = name.equals(new QName(CLIENT, "body")) && body == null;
      if (first || name.equals(new QName(REPORT_NAMESPACE, REPORT))) {
        isBody = first;
        text = new StringBuilder();
      } else if (name.equals(new QName(RECEIPTS, "request"))) {
        wantsReceipt = true;
      }
    }

    void characters(@Nullable String more) {
      // Beyond any bound that can be configured nothing more is needed: it is refused for its
      // length.
      if (text != null && more != null && text.length() <= MOST_TEXT) {
        text.append(more, 0, Math.min(more.length(), MOST_TEXT + 1));
      }
    }

    void end(int depth) {
      if (depth == CONTENT && text != null) {
        if (isBody) {
          body = text.toString();
        } else {
          payload = text.toString();
        }
        text = null;
      } else if (depth == MESSAGE) {
        inMessage = false;
      }
    }

    private static @Nullable Instant instant(@Nullable String text) {
      try {
        return text == null ? null : OffsetDateTime.parse(text).toInstant();
      } catch (DateTimeException e) {
        return null;
      }
    }

    ArchivedMessage message(String id) {
      return new ArchivedMessage(id, from, messageId, body, payload, stamp, wantsReceipt);
    }
  }
}
