package org.plenum.writer;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandEnvelope;

/** Carries commands to the writer of another node. Thread-safe. */
@FunctionalInterface
interface WriterTransport {
  /**
   * Sends a batch; the answers come in the order of the commands. Completes exceptionally when the
   * node did not answer: the batch may or may not have arrived.
   *
   * @param url of the node, as in the lease
   * @param limit how long an answer may take
   */
  CompletableFuture<List<CommandAnswer>> send(
      String url, List<CommandEnvelope> commands, Duration limit);
}
