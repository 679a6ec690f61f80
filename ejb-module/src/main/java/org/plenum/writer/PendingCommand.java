package org.plenum.writer;

import java.util.concurrent.CompletableFuture;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandEnvelope;

/** A command with its waiting caller. The first answer counts; later ones are ignored. */
record PendingCommand(CommandEnvelope envelope, CompletableFuture<CommandAnswer> answer) {
  PendingCommand(CommandEnvelope envelope) {
    this(envelope, new CompletableFuture<>());
  }

  /** Whether the caller was told that it is written. */
  boolean acknowledged() {
    return answer.getNow(null) instanceof CommandAnswer.Accepted;
  }
}
