package org.plenum.writer;

import java.util.concurrent.CompletableFuture;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandEnvelope;

/**
 * A command with its waiting caller. The first answer counts; later ones are ignored.
 *
 * @param generation of the writer, as the caller read it before it handed the command over
 */
record PendingCommand(
    CommandEnvelope envelope, CompletableFuture<CommandAnswer> answer, long generation) {
  PendingCommand(CommandEnvelope envelope) {
    this(envelope, 0);
  }

  PendingCommand(CommandEnvelope envelope, long generation) {
    this(envelope, new CompletableFuture<>(), generation);
  }

  /** Whether the caller was told that it is written. */
  boolean acknowledged() {
    return answer.getNow(null) instanceof CommandAnswer.Accepted;
  }
}
