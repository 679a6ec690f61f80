package org.plenum.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.plenum.group.api.Durability;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupType;
import org.plenum.group.api.PostingRule;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

class LegacyCommandsTest {
  private static final int MAX = 4_096;

  private final LegacyCommands reader = new LegacyCommands(MAX);

  @Test
  void aPostIsRead() {
    assertThat(
            reader.read(
                """
                {"version":1,"businessKey":"ERP-4711","command":"post","groupKey":"orders-north",
                 "from":"erp","text":"Order 4711 shipped \\u00e9 \\ud83d\\ude9a","replyTo":40}"""))
        .isEqualTo(
            new LegacyCommand.Post(
                "ERP-4711",
                "erp",
                new LegacyCommand.Target(null, "orders-north"),
                "Order 4711 shipped é 🚚",
                40L,
                Durability.DISK));
  }

  @Test
  void aPostNamesItsGroupByIdToo() {
    UUID id = UUID.fromString("0192f3a4-b5c6-7d8e-8f90-a1b2c3d4e5f6");
    assertThat(
            reader.read(
                "{\"version\":1,\"command\":\"post\",\"group\":\"%s\",\"from\":\"erp\",\"text\":\"x\"}"
                    .formatted(id)))
        .isEqualTo(
            new LegacyCommand.Post(
                null,
                "erp",
                new LegacyCommand.Target(new GroupId(id), null),
                "x",
                null,
                Durability.DISK));
  }

  @Test
  void aGroupIsCreatedWithDefaults() {
    assertThat(
            reader.read(
                "{\"version\":1,\"command\":\"createGroup\",\"name\":\"Orders\",\"owner\":\"erp\"}"))
        .isEqualTo(
            new LegacyCommand.CreateGroup(
                null,
                "erp",
                null,
                "Orders",
                GroupType.PRIVATE,
                "",
                PostingRule.EVERYONE,
                0,
                List.of(),
                Durability.DISK));
  }

  @Test
  void aGroupIsCreatedWithEverything() {
    assertThat(
            reader.read(
                """
                {"version":1,"businessKey":"K","command":"createGroup","key":"orders-north",
                 "name":"Orders North","type":"ANNOUNCEMENT","topic":"t","postingRule":"ADMINS",
                 "retentionDays":30,"owner":"erp","members":["ada","grace"]}"""))
        .isEqualTo(
            new LegacyCommand.CreateGroup(
                "K",
                "erp",
                "orders-north",
                "Orders North",
                GroupType.ANNOUNCEMENT,
                "t",
                PostingRule.ADMINS,
                30,
                List.of("ada", "grace"),
                Durability.DISK));
  }

  @Test
  void aCommandAsksForTheReplica() {
    assertThat(
            reader
                .read(
                    """
                    {"version":1,"command":"post","groupKey":"g","from":"erp","text":"x",
                     "durability":"REPLICA"}""")
                .durability())
        .isEqualTo(Durability.REPLICA);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          MALFORMED_REQUEST | `` | not a JSON object
          INVALID_VALUE | {"version":1,"command":"post","groupKey":"g","from":"erp","text":"x","durability":"MEMORY"} | must be DISK or REPLICA
          INVALID_VALUE | {"version":1,"command":"post","groupKey":"g","from":"erp","text":"x","durability":"TAPE"} | must be one of
          MALFORMED_REQUEST | hello | not valid JSON
          MALFORMED_REQUEST | [] | not a JSON object
          MALFORMED_REQUEST | {"version":1 | not valid JSON
          MALFORMED_REQUEST | {"version":1,"version":1} | Duplicate
          MALFORMED_REQUEST | {"version":1,"command":"post","groupKey":"g","from":"e","text":"x"} {} | after the JSON object
          MALFORMED_REQUEST | {"version":1,"a":[[["x"]]]} | not valid JSON
          INVALID_VALUE | {"version":1,"a":{"b":1}} | kind that is not used
          INVALID_VALUE | {} | version
          INVALID_VALUE | {"version":2,"command":"post"} | must be 1
          INVALID_VALUE | {"version":"1","command":"post"} | version
          INVALID_VALUE | {"version":1,"command":"sing"} | createGroup, addMember
          INVALID_VALUE | {"version":1,"command":"post","groupKey":"g","from":"e","text":"x","txt":"y"} | unknown field for post: txt
          INVALID_VALUE | {"version":1,"command":"post","groupKey":"g","from":"e","text":null} | text
          INVALID_VALUE | {"version":1,"command":"post","groupKey":"g","from":"e"} | text is missing
          INVALID_VALUE | {"version":1,"command":"post","groupKey":"g","from":"e","text":7} | must be a text
          INVALID_VALUE | {"version":1,"command":"post","from":"e","text":"x"} | exactly one of group
          INVALID_VALUE | {"version":1,"command":"post","group":"g","groupKey":"g","from":"e","text":"x"} | exactly one
          INVALID_VALUE | {"version":1,"command":"post","group":"nonsense","from":"e","text":"x"} | not a group id
          INVALID_VALUE | {"version":1,"command":"post","groupKey":"g","from":"e","text":"x","replyTo":-1} | replyTo
          INVALID_VALUE | {"version":1,"command":"createGroup","name":"n","owner":"o","type":"SECRET"} | must be one of
          INVALID_VALUE | {"version":1,"command":"createGroup","name":"n","owner":"o","members":"ada"} | list
          INVALID_VALUE | {"version":1,"command":"createGroup","name":"n","owner":"o","members":[1]} | texts only
          INVALID_VALUE | {"version":1,"command":"addMember","groupKey":"g","from":"e"} | member is missing
          INVALID_UTF8 | {"version":1,"command":"post","groupKey":"g","from":"e","text":"\\ud83d"} | half of a surrogate
          """)
  void whatIsNotTheContractIsRefusedWithItsReason(ErrorCode code, String text, String reason) {
    assertThatThrownBy(() -> reader.read(text))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.detail()).contains(reason);
            });
  }

  @Test
  void theSizeIsCountedInBytesAndItsBoundIsInclusive() {
    String frame =
        "{\"version\":1,\"command\":\"post\",\"groupKey\":\"g\",\"from\":\"e\",\"text\":\"%s\"}";
    int room = MAX - frame.formatted("").length();

    assertThat(reader.read(frame.formatted("x".repeat(room)))).isNotNull();
    assertThatThrownBy(() -> reader.read(frame.formatted("é".repeat(room / 2 + 1))))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.PAYLOAD_TOO_LARGE));
  }

  @Test
  void everyDamageOfAGoodTextIsReadOrRefusedButNeverAFault() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String good =
        "{\"version\":1,\"businessKey\":\"K\",\"command\":\"createGroup\",\"name\":\"n\",\"owner\":\"o\",\"members\":[\"a\"]}";
    for (int i = 0; i < 5_000; i++) {
      StringBuilder text = new StringBuilder(good);
      for (int j = random.nextInt(4); j >= 0; j--) {
        text.setCharAt(random.nextInt(text.length()), (char) random.nextInt(0x100));
      }
      try {
        assertThat(reader.read(text.toString())).as("seed %d", seed).isNotNull();
      } catch (ServiceException e) {
        assertThat(e.code().status()).as("seed %d", seed).isLessThan(500);
      }
    }
  }
}
