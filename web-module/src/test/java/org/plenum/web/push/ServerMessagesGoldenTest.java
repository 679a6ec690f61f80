package org.plenum.web.push;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.plenum.account.api.Account;
import org.plenum.group.api.Actor;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupEvent;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.GroupStatus;
import org.plenum.group.api.GroupType;
import org.plenum.group.api.MemberStatus;
import org.plenum.group.api.Membership;
import org.plenum.group.api.MyGroup;
import org.plenum.group.api.PostingRule;
import org.plenum.group.api.Role;
import org.plenum.platform.ErrorCode;
import org.plenum.update.Update;

/**
 * The JSON of every frame that a server sends, byte for byte, as clients have learned it; a field
 * may join at the end of a frame, and none may go.
 */
class ServerMessagesGoldenTest {
  private static final GroupId GROUP =
      new GroupId(UUID.fromString("019ac000-0000-7000-8000-000000000001"));
  private static final Instant AT = Instant.parse("2026-11-22T20:51:00.123Z");
  private static final String CLIENT_ID = "0192f3a4-b5c6-7d8e-8f90-a1b2c3d4e5f6";
  private static final String NAME = "Zo\u00eb \"Z\" \\ \u0001";

  @Test
  void everyFrameIsAsInItsLine() throws IOException {
    GroupChannel channel = new GroupChannel(GROUP, new World(1).workers()[0], 0);
    List<Frame> frames =
        List.of(
            ServerMessages.welcome(
                new Account(7, "zoe", NAME, false, false, AT), "node-1", Map.of(GROUP, mine())),
            Frame.updates(channel, List.of(update(57), update(58)), 0, 2),
            ServerMessages.ack(CLIENT_ID, accepted(false)),
            ServerMessages.ack(CLIENT_ID, accepted(true)),
            ServerMessages.error(
                CLIENT_ID, ErrorCode.RATE_LIMITED, "slow \"down\"", Duration.ofMillis(1_200)),
            ServerMessages.error(null, ErrorCode.MALFORMED_REQUEST, "no JSON", null),
            ServerMessages.resync(channel, 62),
            ServerMessages.otherHistory(channel, 62),
            ServerMessages.membership(GROUP, "joined", 12),
            ServerMessages.read(GROUP, 57, 31),
            ServerMessages.typing(channel, new Actor(7, NAME)),
            ServerMessages.bye("TOKEN_EXPIRED"),
            ServerMessages.reported(
                CLIENT_ID, UUID.fromString("1c9bf897-74c0-8446-982e-16bf87eb488b")),
            ServerMessages.PONG);
    List<String> sent = frames.stream().map(Frame::json).toList();
    try (InputStream golden =
        ServerMessagesGoldenTest.class.getResourceAsStream("/golden/server-frames.jsonl")) {
      assertThat(golden).isNotNull();
      assertThat(sent)
          .containsExactlyElementsOf(
              new String(golden.readAllBytes(), StandardCharsets.UTF_8).lines().toList());
    }
  }

  private static CommandAnswer.Accepted accepted(boolean replayed) {
    return new CommandAnswer.Accepted(GROUP, 57, 31, 99, AT, replayed);
  }

  private static Update update(long seq) {
    byte[] json = ("{\"seq\":" + seq + "}").getBytes(StandardCharsets.UTF_8);
    return new Update(100 + seq, 1, GROUP, seq, EntryKind.MESSAGE_POSTED, 7, 0, 0, seq, json);
  }

  private static MyGroup mine() {
    return new MyGroup(
        new GroupState(
            GROUP,
            new GroupEvent.Settings(GroupType.PUBLIC, "General", "", PostingRule.EVERYONE, 0),
            null,
            GroupStatus.ACTIVE,
            7,
            1,
            57,
            31,
            1,
            AT),
        new Membership(
            GROUP, new Actor(7, NAME), MemberStatus.ACTIVE, Role.OWNER, null, AT, 40, 20));
  }
}
