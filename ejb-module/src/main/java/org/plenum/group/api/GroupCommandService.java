package org.plenum.group.api;

import java.util.concurrent.CompletionStage;

/**
 * The business port for writes (GRP-2): checks shapes and bounds, then forwards to the one writer
 * (GRP-3). Thread-safe and non-blocking: the stage completes on a thread of the writer, so
 * continuations must be short. It never completes exceptionally; every failure is a {@link
 * CommandAnswer.Rejected}.
 */
public interface GroupCommandService {
  /** Submits a command. */
  CompletionStage<CommandAnswer> submit(CommandEnvelope envelope);
}
