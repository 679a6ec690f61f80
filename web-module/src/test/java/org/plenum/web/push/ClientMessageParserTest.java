package org.plenum.web.push;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.plenum.group.api.Durability;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupId;

class ClientMessageParserTest {
  private static final String GROUP = "0199c0de-0000-7000-8000-000000000001";
  private static final String ID = "0199c0de-0000-7000-8000-00000000000a";

  private static ClientMessage parse(String json) {
    byte[] bytes =
        json.replace('\'', '"').replace("GROUP", GROUP).replace("ID", ID).getBytes(UTF_8);
    return ClientMessageParser.parse(bytes, bytes.length);
  }

  @Test
  void everyKindIsRead() {
    GroupId group = GroupId.parse(GROUP);
    UUID id = UUID.fromString(ID);
    assertThat(parse("{'type':'hello'}")).isEqualTo(new ClientMessage.Hello(Map.of()));
    assertThat(parse("{'type':'hello','resume':{'GROUP':7}}"))
        .isEqualTo(new ClientMessage.Hello(Map.of(group, 7L)));
    assertThat(parse("{'type':'post','id':'ID','group':'GROUP','text':'hi','replyTo':3}"))
        .isEqualTo(
            new ClientMessage.Write(
                ID, id, group, new GroupCommand.PostMessage("hi", 3L), Durability.DISK));
    assertThat(parse("{'type':'post','id':'ID','group':'GROUP','text':'','durability':'MEMORY'}"))
        .isEqualTo(
            new ClientMessage.Write(
                ID, id, group, new GroupCommand.PostMessage("", null), Durability.MEMORY));
    assertThat(parse("{'type':'edit','id':'ID','group':'GROUP','target':4,'text':'x'}"))
        .isEqualTo(
            new ClientMessage.Write(
                ID, id, group, new GroupCommand.EditMessage(4, "x"), Durability.DISK));
    assertThat(parse("{'type':'recall','id':'ID','group':'GROUP','target':4}"))
        .isEqualTo(
            new ClientMessage.Write(
                ID, id, group, new GroupCommand.RecallMessage(4), Durability.DISK));
    assertThat(parse("{'type':'read','group':'GROUP','seq':9}"))
        .isEqualTo(new ClientMessage.Read(group, 9));
    assertThat(parse("{'type':'typing','group':'GROUP'}"))
        .isEqualTo(new ClientMessage.Typing(group));
    assertThat(parse("{'report':{'kind':'ë', 'body':{'a':[1]}} ,'id':'ID','type':'report'}"))
        .isEqualTo(
            new ClientMessage.Report(ID, "{'kind':'ë', 'body':{'a':[1]}}".replace('\'', '"')));
    assertThat(parse("{'type':'ping'}")).isEqualTo(new ClientMessage.Ping());
  }

  @Test
  void fieldsComeInAnyOrderAndUnknownOnesAreIgnored() {
    assertThat(parse("{'seq':9,'x':{'y':[1,{}]},'group':'GROUP','type':'read'}"))
        .isEqualTo(new ClientMessage.Read(GroupId.parse(GROUP), 9));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'type':'post','id':'ID','group':'GROUP'}|INVALID_VALUE|true",
        "{'type':'post','group':'GROUP','text':'x'}|INVALID_VALUE|false",
        "{'type':'post','id':'0199c0de-0000-8000-8000-00000000000a','group':'GROUP','text':'x'}|INVALID_VALUE|true",
        "{'type':'post','id':'nope','group':'GROUP','text':'x'}|INVALID_VALUE|true",
        "{'type':'post','text':7,'group':'GROUP','id':'ID'}|INVALID_VALUE|true",
        "{'type':'post','text':{'a':{'b':1}},'group':'GROUP','id':'ID'}|INVALID_VALUE|true",
        "{'type':'post','id':'ID','group':'g','text':'x'}|GROUP_NOT_FOUND|true",
        "{'type':'post','id':'ID','group':'GROUP','text':'x','durability':'?'}|INVALID_VALUE|true",
        "{'type':'edit','id':'ID','group':'GROUP','target':-1,'text':'x'}|INVALID_VALUE|true",
        "{'type':'edit','id':'ID','group':'GROUP','target':1.5,'text':'x'}|INVALID_VALUE|true",
        "{'type':'read','group':'GROUP','seq':99999999999999999999}|INVALID_VALUE|false",
        "{'type':'hello','resume':{'g':1}}|GROUP_NOT_FOUND|false",
        "{'type':'hello','resume':[1]}|INVALID_VALUE|false",
        "{'type':'dance','id':'ID'}|INVALID_VALUE|true",
        "{'id':'ID'}|INVALID_VALUE|true",
        "{'id':'ID','type':'ping'} x|MALFORMED_REQUEST|true",
        "{'id':'ID','type':|MALFORMED_REQUEST|true",
        "[]|MALFORMED_REQUEST|false",
        "7|MALFORMED_REQUEST|false",
        "nonsense|MALFORMED_REQUEST|false",
        "{'x':[[[[[[[[[[1]]]]]]]]]]}|MALFORMED_REQUEST|false",
      })
  void faultsAreAnsweredWithTheIdWhereItCanBeRead(String json, String code, boolean withId) {
    assertThat(parse(json))
        .isInstanceOfSatisfying(
            ClientMessage.Invalid.class,
            invalid -> {
              assertThat(invalid.code().name()).isEqualTo(code);
              assertThat(invalid.id() != null).isEqualTo(withId);
            });
  }

  @Test
  void anEmptyFrameIsAnswered() {
    assertThat(ClientMessageParser.parse(new byte[0], 0)).isInstanceOf(ClientMessage.Invalid.class);
  }
}
