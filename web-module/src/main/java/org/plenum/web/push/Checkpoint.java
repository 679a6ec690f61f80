package org.plenum.web.push;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The attempt to give a client of server-sent events an event id: a revision up to which everything
 * for it has been queued before. Each fan-out thread says so for its groups, and the last one
 * queues the id. Nothing is queued when one of them cannot say it, or when frames were dropped from
 * the queue meanwhile; the next attempt comes soon. Thread-safe.
 */
final class Checkpoint {
  private final PushConnection connection;
  private final long revision;
  private final int drops;
  private final AtomicInteger waiting;

  /**
   * An attempt that starts now.
   *
   * @param revision every update up to it was handed to the fan-out threads before
   * @param threads fan-out threads that have to agree
   */
  Checkpoint(PushConnection connection, long revision, int threads) {
    this.connection = connection;
    this.revision = revision;
    this.drops = connection.outbound().drops();
    this.waiting = new AtomicInteger(threads);
  }

  PushConnection connection() {
    return connection;
  }

  /** A fan-out thread has queued everything of its groups; true when the id was queued now. */
  boolean reached() {
    return waiting.decrementAndGet() == 0
        && connection.outbound().offerCheckpoint(Frame.checkpoint(revision), drops);
  }
}
