package org.plenum.writer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.plenum.group.api.Actor;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandAnswer.Accepted;
import org.plenum.group.api.CommandAnswer.Rejected;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.Durability;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupEvent;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.GroupStatus;
import org.plenum.group.api.GroupType;
import org.plenum.group.api.MemberStatus;
import org.plenum.group.api.Membership;
import org.plenum.group.api.PostingRule;
import org.plenum.group.api.Role;
import org.plenum.update.EntryCodec;
import org.plenum.update.Update;
import org.plenum.writer.GroupStore.EntryKey;
import org.plenum.writer.WriteBatch.MemberKey;

/** What a decision makes of the open batch. */
class EntryWriterTest {
  private static final Instant NOW = Instant.parse("2026-11-24T08:00:00Z");
  private static final GroupId GROUP = new GroupId(new UUID(1, 2));
  private static final Actor ADA = new Actor(7, "ada");
  private static final MemberKey MEMBER = new MemberKey(GROUP, 7);

  private final EntryWriter writer = new EntryWriter(new EntryCodec());
  private final OpenBatch open = new OpenBatch(new WriterMemory(config()), 40, 3);
  private long ids;

  EntryWriterTest() {
    open.groups.put(GROUP, state(10, 8));
    open.members.put(
        MEMBER,
        Optional.of(new Membership(GROUP, ADA, MemberStatus.ACTIVE, Role.MEMBER, null, NOW, 4, 4)));
  }

  private static WriterConfig config() {
    Duration any = Duration.ofSeconds(1);
    return new WriterConfig(10, 10, any, 8, 16, 24, any, any, any, 10, 10, 10, any, any);
  }

  private static GroupState state(long headSeq, long headNo) {
    return new GroupState(
        GROUP,
        new GroupEvent.Settings(GroupType.PUBLIC, "g", "", PostingRule.EVERYONE, 0),
        null,
        GroupStatus.ACTIVE,
        7,
        1,
        headSeq,
        headNo,
        1,
        NOW);
  }

  private CommandEnvelope envelope(GroupCommand command) {
    return new CommandEnvelope(
        new UUID(0, ++ids), GROUP, ADA, false, command, Durability.DISK, NOW.plusSeconds(60));
  }

  private CommandAnswer post(String text) {
    return writer.write(
        open,
        envelope(new GroupCommand.PostMessage(text, null)),
        List.of(new GroupEvent.MessagePosted(text, null)),
        ids,
        NOW);
  }

  private CommandAnswer mark(long seq) {
    return writer.mark(open, envelope(new GroupCommand.MarkRead(seq)), seq, NOW);
  }

  private Update last() {
    return open.batch.rows.getLast().update();
  }

  @Test
  void eachEntryFollowsTheOneBeforeInItsGroupAndInTheLog() {
    assertThat(post("a")).isEqualTo(new Accepted(GROUP, 11, 9, 41, NOW, false));
    assertThat(post("b")).isEqualTo(new Accepted(GROUP, 12, 10, 42, NOW, false));
    assertThat(open.batch.rows)
        .extracting(row -> row.update().revision())
        .containsExactly(41L, 42L);
    assertThat(last().epoch()).isEqualTo(3);
    assertThat(open.revision).isEqualTo(42);
    assertThat(open.batch.hasRowsOnly()).isTrue();
  }

  @Test
  void theClientIdAndTheFingerprintAreKeptWithTheFirstEntryOfACommand() {
    writer.write(
        open,
        envelope(new GroupCommand.PostMessage("a", null)),
        List.of(new GroupEvent.MessagePosted("a", null), new GroupEvent.MessagePosted("b", null)),
        99,
        NOW);
    assertThat(open.batch.rows)
        .extracting(WriteBatch.Row::clientId)
        .containsExactly(new UUID(0, 1), null);
    assertThat(open.batch.rows).extracting(WriteBatch.Row::requestHash).containsExactly(99L, null);
    assertThat(open.written.get(new UUID(0, 1)).seq()).isEqualTo(11);
  }

  @Test
  void aReadMarkTakesARevisionButNoPlaceInTheGroupsStream() {
    post("a");
    assertThat(mark(11)).isEqualTo(new Accepted(GROUP, 11, 9, 42, NOW, false));
    assertThat(last().kind()).isEqualTo(EntryKind.READ_MARKED);
    assertThat(last().seq()).isZero();
    assertThat(open.member(MEMBER).orElseThrow().readSeq()).isEqualTo(11);
    assertThat(open.groups.get(GROUP).headSeq()).isEqualTo(11);
  }

  @Test
  void aReadMarkNeverGoesBackNorBeyondTheHead() {
    assertThat(mark(4)).isEqualTo(new Accepted(GROUP, 4, 4, 40, NOW, false));
    assertThat(open.batch.isEmpty()).isTrue();
    assertThat(mark(1_000)).isEqualTo(new Accepted(GROUP, 10, 8, 41, NOW, false));
  }

  @Test
  void whoIsNoMemberMarksNothing() {
    open.members.put(MEMBER, Optional.empty());
    assertThat(mark(10)).isInstanceOf(Rejected.class);
    assertThat(open.batch.isEmpty()).isTrue();
  }

  @Test
  void anEditIsAnEntryAndChangesTheOneItIsAbout() {
    writer.write(
        open,
        envelope(new GroupCommand.EditMessage(5, "better")),
        List.of(new GroupEvent.MessageEdited(5, "better")),
        1,
        NOW);
    assertThat(last().target()).isEqualTo(5);
    assertThat(open.batch.amendments)
        .containsExactly(new WriteBatch.Amendment(GROUP, 5, "better", NOW));
  }

  @Test
  void aTrimIsAnEntryOfItsGroupThatWaitsForNobody() {
    open.groups.clear();
    writer.trim(open, GROUP, state(10, 8), 6, NOW);
    assertThat(last().kind()).isEqualTo(EntryKind.HISTORY_TRIMMED);
    assertThat(last().target()).isEqualTo(6);
    assertThat(last().seq()).isEqualTo(11);
    assertThat(open.groups.get(GROUP).firstSeq()).isEqualTo(7);
    assertThat(open.numbers.get(new EntryKey(GROUP, 11))).isEqualTo(8);
    assertThat(open.disk).isTrue();
    assertThat(open.commands).isEmpty();
  }
}
