package org.plenum.writer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.plenum.group.api.Actor;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandAnswer.Accepted;
import org.plenum.group.api.CommandAnswer.Rejected;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.Durability;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupId;
import org.plenum.platform.ErrorCode;
import org.plenum.writer.GroupStore.Earlier;
import org.plenum.writer.ReplayTable.Written;
import org.plenum.writer.WriterCore.Answered;

/** What a command gets that comes again. */
class ReplayTableTest {
  private static final Instant AT = Instant.parse("2026-11-24T08:00:00Z");
  private static final GroupId GROUP = new GroupId(new UUID(1, 2));

  private final Map<UUID, Earlier> stored = new HashMap<>();
  private final List<Collection<UUID>> asked = new ArrayList<>();
  private final ReplayTable table = new ReplayTable(this::find, 2);
  private OpenBatch open = batch();

  private Map<UUID, Earlier> find(Collection<UUID> ids) {
    asked.add(ids);
    Map<UUID, Earlier> found = new HashMap<>(stored);
    found.keySet().retainAll(ids);
    return found;
  }

  private static OpenBatch batch() {
    return new OpenBatch(new WriterMemory(config()), 40, 1);
  }

  private static WriterConfig config() {
    Duration any = Duration.ofSeconds(1);
    return new WriterConfig(10, 10, any, 8, 16, 24, any, any, any, 10, 10, 10, any, any);
  }

  private static CommandEnvelope post(UUID id, String text, Durability durability) {
    return new CommandEnvelope(
        id,
        GROUP,
        new Actor(7, "ada"),
        false,
        new GroupCommand.PostMessage(text, null),
        durability,
        AT.plusSeconds(60));
  }

  private static PendingCommand pending(UUID id, Durability durability) {
    return new PendingCommand(post(id, "x", durability));
  }

  private Written written(long seq, CommandEnvelope envelope) {
    return new Written(GROUP, seq, seq, AT, table.fingerprint(envelope));
  }

  @Test
  void theSameCommandGetsItsFirstAnswerAndThePositionOfNow() {
    CommandEnvelope again = post(new UUID(0, 1), "x", Durability.DISK);
    assertThat(table.replay(again, written(3, again), open))
        .isEqualTo(new Accepted(GROUP, 3, 3, 40, AT, true));
  }

  @Test
  void anotherCommandUnderTheSameIdIsRefused() {
    CommandEnvelope first = post(new UUID(0, 1), "x", Durability.DISK);
    CommandEnvelope other = post(new UUID(0, 1), "y", Durability.DISK);
    assertThat(table.replay(other, written(3, first), open))
        .isInstanceOfSatisfying(
            Rejected.class, it -> assertThat(it.code()).isEqualTo(ErrorCode.CLIENT_ID_REUSED));
  }

  @Test
  void whatTheOpenBatchWroteIsKnownBeforeAndAfterItsCommitButNotWhenItIsDropped() {
    UUID kept = new UUID(0, 1);
    UUID dropped = new UUID(0, 2);
    open.written.put(kept, written(1, post(kept, "x", Durability.DISK)));
    assertThat(table.find(kept, open)).isNotNull();
    table.keep(open);
    open = batch();
    open.written.put(dropped, written(2, post(dropped, "x", Durability.DISK)));
    open = batch();
    assertThat(table.find(kept, open)).isNotNull();
    assertThat(table.find(dropped, open)).isNull();
    table.clear();
    assertThat(table.find(kept, open)).isNull();
  }

  @Test
  void onlyTheLastOnesAreRemembered() {
    for (int i = 1; i <= 3; i++) {
      UUID id = new UUID(0, i);
      open.written.put(id, written(i, post(id, "x", Durability.DISK)));
      table.keep(open);
      open = batch();
    }
    assertThat(table.find(new UUID(0, 1), open)).isNull();
    assertThat(table.find(new UUID(0, 3), open)).isNotNull();
  }

  @Test
  void noIdIsLookedUpWhereEveryCommandWaitsForTheCommit() {
    table.lookUpBesideMemory(List.of(pending(new UUID(0, 1), Durability.DISK)), open);
    assertThat(asked).isEmpty();
  }

  @Test
  void besideAWriteInMemoryEveryUnknownIdIsLookedUp() {
    UUID disk = new UUID(0, 1);
    UUID memory = new UUID(0, 2);
    stored.put(disk, new Earlier(GROUP, 5, 5, AT, 99));
    List<PendingCommand> commands =
        List.of(pending(disk, Durability.DISK), pending(memory, Durability.MEMORY));
    open.commands.addAll(commands);

    table.lookUpBesideMemory(commands, open);

    assertThat(asked).singleElement().isEqualTo(List.of(disk, memory));
    assertThat(table.find(disk, open)).isEqualTo(new Written(GROUP, 5, 5, AT, 99));
    assertThat(table.find(memory, open)).isNull();
  }

  @Test
  void aRejectionThatIsTheReplayOfAnAcceptedCommandBecomesItsFirstAnswer() {
    PendingCommand again = pending(new UUID(0, 1), Durability.DISK);
    PendingCommand refused = pending(new UUID(0, 2), Durability.DISK);
    stored.put(new UUID(0, 1), new Earlier(GROUP, 5, 5, AT, table.fingerprint(again.envelope())));
    CommandAnswer no = new Rejected(ErrorCode.NOT_A_MEMBER, "no");
    open.answers.add(new Answered(again, no));
    open.answers.add(new Answered(refused, no));

    table.settle(List.of(again, refused), open);

    assertThat(open.answers)
        .containsExactly(
            new Answered(again, new Accepted(GROUP, 5, 5, 40, AT, true)),
            new Answered(refused, no));
  }
}
