package org.plenum.writer;

import java.util.concurrent.CompletionStage;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.writer.api.WriterGateway;

/** The writer of this node. Thread-safe. */
interface LeadingWriter extends WriterGateway {
  /** Epoch that this node holds, 0 while it does not lead. */
  long epoch();

  /**
   * How often this writer gave back what it had, because another node leads. What was given back is
   * with its caller again before the number changes.
   */
  long generation();

  /**
   * Hands a command over as long as nothing was given back since the caller read the generation.
   * Otherwise it is answered WRITER_UNAVAILABLE, so that it cannot overtake what was given back.
   */
  CompletionStage<CommandAnswer> submit(CommandEnvelope envelope, long generation);
}
