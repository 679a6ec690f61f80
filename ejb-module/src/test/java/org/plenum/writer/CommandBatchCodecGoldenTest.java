package org.plenum.writer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.plenum.group.CommandChecks;
import org.plenum.group.GroupConfig;
import org.plenum.group.api.Actor;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.Durability;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupType;
import org.plenum.group.api.PostingRule;
import org.plenum.group.api.Role;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.platform.config.ConfigKey;

/**
 * The form of commands and answers between nodes. The golden file holds what version 1 sends; nodes
 * of two adjacent versions speak it, so it never changes ({@code -Dplenum.golden.write=true} writes
 * a new one for a new version).
 */
class CommandBatchCodecGoldenTest {
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
  private static final Actor ADA = new Actor(7, "Ada Lovelace");
  private static final Actor GRACE = new Actor(-9, "Grace \u00e9\ud83d\ude00");
  private static final GroupId GROUP = new GroupId(new UUID(1, 2));

  private static CommandEnvelope envelope(
      GroupCommand command, Durability durability, @Nullable String correlation) {
    return new CommandEnvelope(
        new UUID(3, 4), GROUP, ADA, true, command, durability, NOW.plusMillis(9_500), correlation);
  }

  private static List<CommandEnvelope> commands() {
    List<GroupCommand> all =
        List.of(
            new GroupCommand.CreateGroup(
                GroupType.PRIVATE,
                "name",
                "topic",
                PostingRule.EVERYONE,
                30,
                "key",
                List.of(GRACE)),
            new GroupCommand.CreateGroup(
                GroupType.PUBLIC, "", "", PostingRule.EVERYONE, 0, null, List.of()),
            new GroupCommand.ChangeGroup("n", null, PostingRule.EVERYONE, 5),
            new GroupCommand.ChangeGroup(null, "t", null, null),
            new GroupCommand.ArchiveGroup(),
            new GroupCommand.RestoreGroup(),
            new GroupCommand.DissolveGroup(),
            new GroupCommand.JoinGroup(),
            new GroupCommand.LeaveGroup(),
            new GroupCommand.RequestToJoin(),
            new GroupCommand.ApproveRequest(GRACE),
            new GroupCommand.DeclineRequest(GRACE),
            new GroupCommand.InviteMember(GRACE),
            new GroupCommand.AcceptInvitation(),
            new GroupCommand.DeclineInvitation(GRACE),
            new GroupCommand.AddMember(GRACE),
            new GroupCommand.RemoveMember(GRACE),
            new GroupCommand.BanMember(GRACE),
            new GroupCommand.UnbanMember(GRACE),
            new GroupCommand.MuteMember(GRACE, NOW.plusNanos(17)),
            new GroupCommand.UnmuteMember(GRACE),
            new GroupCommand.ChangeRole(GRACE, Role.ADMIN),
            new GroupCommand.TransferOwnership(GRACE),
            new GroupCommand.PostMessage("text \u00e9\ud83d\ude00", 4L),
            new GroupCommand.PostMessage("", null),
            new GroupCommand.EditMessage(8, "again"),
            new GroupCommand.RecallMessage(9),
            new GroupCommand.MarkRead(10));
    List<CommandEnvelope> envelopes = new ArrayList<>();
    for (GroupCommand command : all) {
      envelopes.add(envelope(command, Durability.DISK, null));
    }
    envelopes.add(envelope(new GroupCommand.JoinGroup(), Durability.MEMORY, "request-1"));
    return envelopes;
  }

  private static List<CommandAnswer> answers() {
    return List.of(
        new CommandAnswer.Accepted(GROUP, 1, 2, 3, NOW.plusNanos(123), false),
        new CommandAnswer.Accepted(GROUP, 4, 5, 6, NOW, true),
        new CommandAnswer.Rejected(ErrorCode.MEMBER_MUTED, "until later"),
        new CommandAnswer.Rejected(ErrorCode.WRITER_BUSY, "busy", Duration.ofMillis(1_500)));
  }

  private static String lines(byte[] bytes) {
    String hex = HexFormat.of().formatHex(bytes);
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < hex.length(); i += 100) {
      lines.append(hex, i, Math.min(hex.length(), i + 100)).append('\n');
    }
    return lines.toString();
  }

  private static String golden(String name, byte[] now) throws IOException {
    if (Boolean.getBoolean("plenum.golden.write")) {
      Files.writeString(Path.of("src/test/resources/golden", name), lines(now));
    }
    try (InputStream file =
        CommandBatchCodecGoldenTest.class.getResourceAsStream("/golden/" + name)) {
      assertThat(file).as(name).isNotNull();
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static byte[] bytes(String lines) {
    return HexFormat.of().parseHex(lines.replace("\n", ""));
  }

  @Test
  void everyCommandIsSentAsEver() throws IOException {
    byte[] sent = CommandBatchCodec.commands(commands(), NOW);
    String golden = golden("commands-1.hex", sent);
    assertThat(lines(sent)).isEqualTo(golden);
    assertThat(CommandBatchCodec.commands(bytes(golden), NOW)).isEqualTo(commands());
  }

  @Test
  void theSizeOfACommandIsWhatItTakesInABatch() {
    int sum = commands().stream().mapToInt(CommandBatchCodec::size).sum();
    assertThat(CommandBatchCodec.commands(commands(), NOW))
        .hasSize(CommandBatchCodec.HEADER_BYTES + sum);
  }

  /** What cannot travel would be sent in vain until its deadline. */
  @Test
  void theLargestCommandsThatMayBeConfiguredTravelAlone() {
    Actor longName = new Actor(Long.MAX_VALUE, "\u4e2d".repeat(100));
    List<GroupCommand> largest =
        List.of(
            new GroupCommand.PostMessage(
                "x".repeat(highest(GroupConfig.MAX_MESSAGE_BYTES)), Long.MAX_VALUE),
            new GroupCommand.CreateGroup(
                GroupType.PUBLIC,
                "\ud83d\ude00".repeat(CommandChecks.MAX_NAME),
                "\ud83d\ude00".repeat(CommandChecks.MAX_TOPIC),
                PostingRule.EVERYONE,
                30,
                "k".repeat(1_000),
                Collections.nCopies(highest(GroupConfig.MAX_INITIAL_MEMBERS), longName)));
    for (GroupCommand command : largest) {
      byte[] sent =
          CommandBatchCodec.commands(
              List.of(envelope(command, Durability.DISK, "c".repeat(1_000))), NOW);
      assertThat(sent.length).isLessThan(RouterConfig.LARGEST);
    }
  }

  @Test
  void aRequestMayBeAsLongAsTheListenerTakes() throws IOException {
    String settings = Files.readString(Path.of("../domain-config/20-http.asadmin"));
    assertThat(settings).contains(".http.max-post-size-bytes=" + RouterConfig.LARGEST + "\n");
  }

  /** The upper end of a key's range. */
  private static int highest(ConfigKey<Integer> key) {
    return Integer.parseInt(key.type().substring(key.type().lastIndexOf('.') + 1));
  }

  @Test
  void everyAnswerIsSentAsEver() throws IOException {
    byte[] sent = CommandBatchCodec.answers(answers());
    String golden = golden("answers-1.hex", sent);
    assertThat(lines(sent)).isEqualTo(golden);
    assertThat(CommandBatchCodec.answers(bytes(golden))).isEqualTo(answers());
  }

  @Test
  void theDeadlineCountsOnTheClockOfTheOneWhoReads() {
    byte[] sent = CommandBatchCodec.commands(commands(), NOW);
    Instant anHourOff = NOW.plusSeconds(3_600);
    assertThat(CommandBatchCodec.commands(sent, anHourOff))
        .allSatisfy(
            command -> assertThat(command.deadline()).isEqualTo(anHourOff.plusMillis(9_500)));
  }

  @Test
  void anErrorCodeOfALaterVersionIsAnInternalError() {
    byte[] sent =
        CommandBatchCodec.answers(List.of(new CommandAnswer.Rejected(ErrorCode.NOT_MUTED, "x")));
    byte[] later =
        new String(sent, StandardCharsets.ISO_8859_1)
            .replace("NOT_MUTED", "NOT_KNOWN")
            .getBytes(StandardCharsets.ISO_8859_1);
    assertThat(CommandBatchCodec.answers(later))
        .containsExactly(new CommandAnswer.Rejected(ErrorCode.INTERNAL, "x"));
  }

  @Test
  void nothingButAWholeBatchIsTaken() {
    byte[] sent = CommandBatchCodec.commands(commands(), NOW);
    for (int length = 0; length < sent.length; length++) {
      byte[] cut = Arrays.copyOf(sent, length);
      assertThatThrownBy(() -> CommandBatchCodec.commands(cut, NOW))
          .isInstanceOf(ServiceException.class);
    }
    assertThatThrownBy(() -> CommandBatchCodec.commands(Arrays.copyOf(sent, sent.length + 1), NOW))
        .isInstanceOf(ServiceException.class);
    assertThatThrownBy(() -> CommandBatchCodec.answers(sent)).isInstanceOf(ServiceException.class);
  }

  @Test
  void damagedBytesNeverDoMoreThanBeRefused() {
    byte[] sent = CommandBatchCodec.commands(commands(), NOW);
    Random random = new Random(5);
    for (int i = 0; i < 20_000; i++) {
      byte[] damaged = sent.clone();
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      try {
        CommandBatchCodec.commands(damaged, NOW);
      } catch (ServiceException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.MALFORMED_REQUEST);
      }
    }
  }
}
