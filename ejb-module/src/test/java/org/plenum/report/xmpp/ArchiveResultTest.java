package org.plenum.report.xmpp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.time.Instant;
import org.jivesoftware.smack.xml.SmackXmlParser;
import org.jivesoftware.smack.xml.XmlPullParser;
import org.junit.jupiter.api.Test;

class ArchiveResultTest {
  @Test
  void aMessageIsReadWithSenderTimeAndText() throws Exception {
    ArchiveResult result =
        result(
            """
            <forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='2026-11-24T10:00:00.25Z'/>
            <message xmlns='jabber:client' from='ada@chat.test/x' id='m1' type='chat'>
            <body>{"a":"&lt;&amp;"}</body><request xmlns='urn:xmpp:receipts'/></message></forwarded>
            """);
    assertThat(result.query()).isEqualTo("q7");
    assertThat(result.message())
        .isEqualTo(
            new ArchivedMessage(
                "id1",
                "ada@chat.test/x",
                "m1",
                "{\"a\":\"<&\"}",
                null,
                Instant.parse("2026-11-24T10:00:00.25Z"),
                true));
  }

  /** Each of these would end the connection if the library read it. */
  @Test
  void whatTheSenderGotWrongIsReadAllTheSame() throws Exception {
    ArchiveResult result =
        result(
            """
            <forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='yesterday'/>
            <message xmlns='jabber:client' from='not@@an/address' type='no-such-type'>
            <delay xmlns='urn:xmpp:delay' stamp='nonsense'/><error type='?'><what/></error>
            <x xmlns='jabber:x:data' type='?'><field><value/><body>deep</body></field></x>
            <body>first <b xmlns='urn:other'>bold</b> text</body><body>second</body>
            <forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='x'><body>inner</body></message></forwarded>
            </message></forwarded>
            """);
    assertThat(result.message().body()).isEqualTo("first bold text");
    assertThat(result.message().from()).isEqualTo("not@@an/address");
    assertThat(result.message().archivedAt()).isNull();
    assertThat(result.message().wantsReceipt()).isFalse();
  }

  @Test
  void anElementOfOursIsThePayload() throws Exception {
    ArchiveResult result =
        result(
            """
            <forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='a@b'>
            <report xmlns='urn:plenum:report:1'>{"kind":"state"}</report></message></forwarded>
            """);
    assertThat(result.message().body()).isNull();
    assertThat(result.message().text()).isEqualTo("{\"kind\":\"state\"}");
  }

  @Test
  void aResultWithoutMessageIsReadAsOneWithoutText() throws Exception {
    assertThat(result("").message().text()).isNull();
    assertThat(result("<other xmlns='urn:x'><body>no</body></other>").message().text()).isNull();
  }

  @Test
  void theEndOfAPageSaysWhereItEndsAndWhetherThereIsMore() throws Exception {
    ArchiveEnd end =
        end(
            "<fin xmlns='urn:xmpp:mam:2' complete='true'><set"
                + " xmlns='http://jabber.org/protocol/rsm'><first"
                + " index='0'>a</first><last>b</last><count>2</count></set></fin>");
    assertThat(end.complete()).isTrue();
    assertThat(end.last()).isEqualTo("b");
    ArchiveEnd empty = end("<fin xmlns='urn:xmpp:mam:2'/>");
    assertThat(empty.complete()).isFalse();
    assertThat(empty.last()).isNull();
  }

  @Test
  void theQuestionNamesThePlaceAndTheBound() {
    assertThat(new ArchiveQuery("q1", "a<1", 50).toXML().toString())
        .contains(
            "<query xmlns='urn:xmpp:mam:2' queryid='q1'>",
            "<set xmlns='http://jabber.org/protocol/rsm'><max>50</max><after>a&lt;1</after></set>");
    assertThat(new ArchiveQuery("q1", null, 50).toXML().toString()).doesNotContain("after");
  }

  private static ArchiveResult result(String inner) throws Exception {
    XmlPullParser parser =
        SmackXmlParser.newXmlParser(
            new StringReader(
                "<message xmlns='jabber:client'><result xmlns='urn:xmpp:mam:2' id='id1'"
                    + " queryid='q7'>"
                    + inner.strip()
                    + "</result></message>"));
    parser.nextTag();
    parser.nextTag();
    return new ArchiveResult.Provider().parse(parser);
  }

  private static ArchiveEnd end(String fin) throws Exception {
    XmlPullParser parser =
        SmackXmlParser.newXmlParser(
            new StringReader("<iq xmlns='jabber:client' id='1' type='result'>" + fin + "</iq>"));
    parser.nextTag();
    parser.nextTag();
    return new ArchiveEnd.Provider()
        .parse(parser, (org.jivesoftware.smack.packet.IqData) null, null);
  }
}
