package org.plenum.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.plenum.group.api.Actor;
import org.plenum.group.api.CommandAnswer.Rejected;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.Durability;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupCommand.ChangeGroup;
import org.plenum.group.api.GroupCommand.CreateGroup;
import org.plenum.group.api.GroupCommand.EditMessage;
import org.plenum.group.api.GroupCommand.MarkRead;
import org.plenum.group.api.GroupCommand.MuteMember;
import org.plenum.group.api.GroupCommand.PostMessage;
import org.plenum.group.api.GroupCommand.RecallMessage;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupType;
import org.plenum.group.api.PostingRule;
import org.plenum.platform.ErrorCode;

class CommandChecksTest {
  private static final String ROCKET = "\ud83d\ude80";
  private static final Actor ADA = new Actor(1, "Ada Lovelace");

  private final CommandChecks checks = new CommandChecks(new GroupConfig(100, 2, 5, 16));

  @Test
  void aWellFormedCommandPasses() {
    assertThat(problem(create("General", "All of us", 30, "erp/order-1", List.of(ADA)))).isNull();
    assertThat(problem(new PostMessage("hello", 3L))).isNull();
    assertThat(problem(new ChangeGroup(null, null, null, null))).isNull();
    assertThat(problem(new MarkRead(0))).isNull();
  }

  @Test
  void surroundingSpaceIsTakenFromNamesAndTopics() {
    assertThat(checks.normalised(create("  General ", "\u2003topic\n", 0, null, List.of())))
        .isEqualTo(create("General", "topic", 0, null, List.of()));
    assertThat(checks.normalised(new ChangeGroup(" a ", null, null, 3)))
        .isEqualTo(new ChangeGroup("a", null, null, 3));
  }

  @Test
  void aNameHasOneToEightyCharacters() {
    assertThat(problem(name(ROCKET.repeat(80)))).isNull();
    assertThat(problem(name(ROCKET.repeat(81)))).isEqualTo(ErrorCode.INVALID_VALUE);
    assertThat(problem(name("   "))).isEqualTo(ErrorCode.INVALID_VALUE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\nb", "a\u0000b", "a\u007fb", "a\u2028b", "a\u0085b"})
  void aNameHasNoControlCharacters(String text) {
    assertThat(problem(name(text))).isEqualTo(ErrorCode.INVALID_VALUE);
  }

  @Test
  void halfASurrogatePairIsRefusedEverywhere() {
    assertThat(problem(name("a\ud83d"))).isEqualTo(ErrorCode.INVALID_UTF8);
    assertThat(problem(new PostMessage("\ude80\ud83d", null))).isEqualTo(ErrorCode.INVALID_UTF8);
    assertThat(problem(new EditMessage(1, "a\ud83d"))).isEqualTo(ErrorCode.INVALID_UTF8);
    assertThat(problem(new GroupCommand.InviteMember(new Actor(2, "\udc00"))))
        .isEqualTo(ErrorCode.INVALID_UTF8);
  }

  @Test
  void aTopicHasAtMostFiveHundredCharacters() {
    assertThat(problem(new ChangeGroup(null, "x".repeat(500), null, null))).isNull();
    assertThat(problem(new ChangeGroup(null, "x".repeat(501), null, null)))
        .isEqualTo(ErrorCode.INVALID_VALUE);
  }

  @Test
  void aTextIsMeasuredInBytes() {
    assertThat(problem(new PostMessage(ROCKET.repeat(4), null))).isNull();
    assertThat(problem(new PostMessage("x".repeat(16), null))).isNull();
    assertThat(problem(new PostMessage("x" + "\u00e9".repeat(8), null)))
        .isEqualTo(ErrorCode.PAYLOAD_TOO_LARGE);
    assertThat(problem(new PostMessage("\u20ac".repeat(6), null)))
        .isEqualTo(ErrorCode.PAYLOAD_TOO_LARGE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\n\t", "\u2003"})
  void aTextIsNotBlank(String text) {
    assertThat(problem(new PostMessage(text, null))).isEqualTo(ErrorCode.INVALID_VALUE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "/x", "a b", "\u00e4", "a\n"})
  void aKeyIsAPlainName(String key) {
    assertThat(problem(create("General", "", 0, key, List.of())))
        .isEqualTo(ErrorCode.INVALID_VALUE);
  }

  @Test
  void retentionIsAtMostACentury() {
    assertThat(problem(new ChangeGroup(null, null, null, 36_500))).isNull();
    assertThat(problem(new ChangeGroup(null, null, null, 36_501)))
        .isEqualTo(ErrorCode.INVALID_VALUE);
    assertThat(problem(new ChangeGroup(null, null, null, -1))).isEqualTo(ErrorCode.INVALID_VALUE);
  }

  @Test
  void membersAtCreationAreBounded() {
    assertThat(problem(create("General", "", 0, null, Collections.nCopies(3, ADA))))
        .isEqualTo(ErrorCode.INVALID_VALUE);
  }

  @Test
  void sequencesStartAtOne() {
    assertThat(problem(new RecallMessage(0))).isEqualTo(ErrorCode.INVALID_VALUE);
    assertThat(problem(new EditMessage(-1, "a"))).isEqualTo(ErrorCode.INVALID_VALUE);
    assertThat(problem(new PostMessage("a", 0L))).isEqualTo(ErrorCode.INVALID_VALUE);
    assertThat(problem(new MarkRead(-1))).isEqualTo(ErrorCode.INVALID_VALUE);
  }

  @Test
  void aMuteEndsInAYearOfFourDigits() {
    assertThat(problem(new MuteMember(ADA, Instant.MAX))).isEqualTo(ErrorCode.INVALID_VALUE);
  }

  private @Nullable ErrorCode problem(GroupCommand command) {
    Rejected problem =
        checks.problem(
            new CommandEnvelope(
                new UUID(1, 1),
                new GroupId(new UUID(2, 2)),
                ADA,
                false,
                checks.normalised(command),
                Durability.DISK,
                Instant.EPOCH));
    return problem == null ? null : problem.code();
  }

  private static ChangeGroup name(String name) {
    return new ChangeGroup(name, null, null, null);
  }

  private static CreateGroup create(
      String name, String topic, int retention, @Nullable String key, List<Actor> members) {
    return new CreateGroup(
        GroupType.PUBLIC, name, topic, PostingRule.EVERYONE, retention, key, members);
  }
}
