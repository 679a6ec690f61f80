package org.plenum.writer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandAnswer.Rejected;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.platform.ErrorCode;

/**
 * Hands a batch of another node to the writer of this one, in its order (decision 5). Whoever sent
 * it sends again what was answered WRITER_UNAVAILABLE or WRITER_BUSY, so nothing is taken behind a
 * command that was turned away: it would be written before that one. Thread-safe.
 */
final class BatchIntake {
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final LeadingWriter local;

  BatchIntake(LeadingWriter local) {
    this.local = local;
  }

  /** The answers to come, in the order of the commands. Never blocks. */
  List<CompletableFuture<CommandAnswer>> submit(List<CommandEnvelope> commands) {
    // One for the whole batch: when a command of it is given back, those behind it are as well.
    long generation = local.generation();
    // Once as well: other nodes see the lease before this one knows that it won it.
    boolean open = local.epoch() != 0;
    List<CompletableFuture<CommandAnswer>> answers = new ArrayList<>(commands.size());
    for (CommandEnvelope command : commands) {
      CompletableFuture<CommandAnswer> answer =
          open
              ? local.submit(command, generation).toCompletableFuture()
              : CompletableFuture.completedFuture(
                  new Rejected(
                      ErrorCode.WRITER_UNAVAILABLE,
                      "this node does not lead, or turned an earlier command away",
                      RETRY));
      open = open && !turnedAway(answer);
      answers.add(answer);
    }
    return answers;
  }

  private static boolean turnedAway(CompletableFuture<CommandAnswer> answer) {
    return answer.isDone()
        && answer.join() instanceof Rejected rejected
        && (rejected.code() == ErrorCode.WRITER_UNAVAILABLE
            || rejected.code() == ErrorCode.WRITER_BUSY);
  }
}
