package org.plenum.writer.api;

import java.util.concurrent.CompletionStage;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandEnvelope;

/**
 * The way from a business node to the writer (GRP-3). Non-blocking; the stage never completes
 * exceptionally.
 */
public interface WriterGateway {
  /** Hands the command to the writer's bounded queue, or rejects it at once when that is full. */
  CompletionStage<CommandAnswer> submit(CommandEnvelope envelope);
}
