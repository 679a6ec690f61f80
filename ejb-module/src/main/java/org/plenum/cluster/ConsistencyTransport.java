package org.plenum.cluster;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.plenum.reader.api.ConsistencyReport;

/** Asks another node to compare its caches with the database. Thread-safe. */
@FunctionalInterface
interface ConsistencyTransport {
  /**
   * Asks; completes exceptionally, with a message for people, when the node does not compare.
   *
   * @param url of the node
   * @param limit how long it may compare
   */
  CompletableFuture<ConsistencyReport> ask(String url, int sample, Duration limit);
}
