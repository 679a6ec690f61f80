package org.plenum.writer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.plenum.group.api.Actor;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandAnswer.Accepted;
import org.plenum.group.api.CommandAnswer.Rejected;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.Durability;
import org.plenum.group.api.GroupCommand.PostMessage;
import org.plenum.group.api.GroupId;
import org.plenum.platform.ErrorCode;

/** A batch of another node: nothing is written before a command that is sent again. */
class BatchIntakeTest {
  private static final GroupId GROUP = new GroupId(new UUID(1, 1));
  private static final Accepted ACCEPTED = new Accepted(GROUP, 1, 1, 1, Instant.EPOCH, false);
  private static final Rejected AWAY =
      new Rejected(ErrorCode.WRITER_UNAVAILABLE, "away", Duration.ofSeconds(1));
  private static final Rejected BUSY =
      new Rejected(ErrorCode.WRITER_BUSY, "busy", Duration.ofSeconds(1));

  private final List<String> written = new ArrayList<>();

  /** Leads from a certain question on; turns some commands away. */
  private final class Changing implements LeadingWriter {
    private final int leadsFrom;
    private final int turnsAway;
    private final Rejected turnedAway;
    private int asked;
    private int submitted;

    Changing(int leadsFrom, int turnsAway) {
      this(leadsFrom, turnsAway, AWAY);
    }

    Changing(int leadsFrom, int turnsAway, Rejected turnedAway) {
      this.leadsFrom = leadsFrom;
      this.turnsAway = turnsAway;
      this.turnedAway = turnedAway;
    }

    @Override
    public long epoch() {
      return asked++ < leadsFrom ? 0 : 7;
    }

    @Override
    public long generation() {
      return 0;
    }

    @Override
    public CompletionStage<CommandAnswer> submit(CommandEnvelope envelope) {
      return submit(envelope, generation());
    }

    @Override
    public CompletionStage<CommandAnswer> submit(CommandEnvelope envelope, long generation) {
      if (submitted++ < turnsAway) {
        return CompletableFuture.completedFuture(turnedAway);
      }
      written.add(((PostMessage) envelope.command()).text());
      return CompletableFuture.completedFuture(ACCEPTED);
    }
  }

  private static CommandEnvelope post(String text) {
    return new CommandEnvelope(
        UUID.randomUUID(),
        GROUP,
        new Actor(1, "Ada"),
        false,
        new PostMessage(text, null),
        Durability.DISK,
        Instant.EPOCH,
        null);
  }

  private static List<ErrorCode> refusals(LeadingWriter writer, String... texts) {
    List<ErrorCode> codes = new ArrayList<>();
    new BatchIntake(writer)
        .submit(List.of(texts).stream().map(BatchIntakeTest::post).toList())
        .forEach(
            answer -> {
              if (answer.join() instanceof Rejected rejected) {
                codes.add(rejected.code());
              }
            });
    return codes;
  }

  @Test
  void aLeaderTakesTheBatchInItsOrder() {
    assertThat(refusals(new Changing(0, 0), "a", "b", "c")).isEmpty();
    assertThat(written).containsExactly("a", "b", "c");
  }

  @Test
  void aNodeThatBeginsToLeadInMidBatchTakesNothingOfIt() {
    assertThat(refusals(new Changing(1, 0), "a", "b", "c"))
        .hasSize(3)
        .containsOnly(ErrorCode.WRITER_UNAVAILABLE);
    assertThat(written).isEmpty();
  }

  @Test
  void nothingIsTakenBehindACommandThatWasTurnedAway() {
    assertThat(refusals(new Changing(0, 1), "a", "b", "c"))
        .hasSize(3)
        .containsOnly(ErrorCode.WRITER_UNAVAILABLE);
    assertThat(written).isEmpty();
  }

  @Test
  void nothingIsTakenBehindACommandForWhichThereWasNoRoom() {
    assertThat(refusals(new Changing(0, 1, BUSY), "a", "b", "c"))
        .containsExactly(
            ErrorCode.WRITER_BUSY, ErrorCode.WRITER_UNAVAILABLE, ErrorCode.WRITER_UNAVAILABLE);
    assertThat(written).isEmpty();
  }
}
