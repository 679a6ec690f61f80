package org.plenum.report.queue;

import java.time.Duration;

/**
 * The consumer of a group: one at a time, the newest wins. Reports come in order; what was not
 * acknowledged comes again, in order, to the group's next consumer. For one thread.
 *
 * <p>Acknowledgements are cumulative: one number is the whole state of a group, so it can be stored
 * with the effects of the reports in one transaction, and a report can never overtake another of
 * its source. A consumer that works in parallel spreads a batch by source and acknowledges what is
 * done up to the first that is not.
 */
public final class ReportConsumer implements AutoCloseable {
  private final ConsumerGroup group;
  private final long session;

  ReportConsumer(ConsumerGroup group, long session) {
    this.group = group;
    this.session = session;
  }

  /** The name of the group. */
  public String group() {
    return group.name();
  }

  /** The last sequence that the group is done with. */
  public long acked() {
    return group.acked();
  }

  /**
   * The next reports, with the payloads of the producers or of one read of the storage, not copies.
   * Empty when none came in time, or when as many are in flight as the group may have.
   *
   * @param most reports, at least 1
   * @param mostBytes their weight; one report may be heavier
   * @param wait how long to wait for the first one
   * @throws QueueException REPLACED, CLOSED; DAMAGED or STORAGE_FAILED when storage had to be read
   *     and could not
   */
  public ReportBatch poll(int most, long mostBytes, Duration wait) throws InterruptedException {
    if (most < 1) {
      throw new IllegalArgumentException("a poll asks for one report at least");
    }
    return group.poll(session, most, mostBytes, wait.toNanos());
  }

  /**
   * The reports up to this one are done. Durable within the cursor interval of the queue, and when
   * the queue is closed; a crash before that has them delivered again.
   *
   * @throws QueueException REPLACED
   * @throws IllegalArgumentException when that was not delivered
   */
  public void ack(long upTo) {
    group.ack(session, upTo);
  }

  /**
   * This report could not be processed; those before it are done. It and what follows are delivered
   * again, it alone first, after a pause; after its last attempt it becomes a dead letter.
   *
   * @throws QueueException REPLACED
   * @throws IllegalArgumentException when it is not in flight
   */
  public void reject(long sequence, String reason) {
    group.reject(session, sequence, reason);
  }

  /** Gives what is in flight back. That counts as no attempt. */
  @Override
  public void close() {
    group.release(session, false);
  }

  /**
   * Ends it as {@link #close} does, when whoever consumed is gone without a word: the first report
   * in flight may be why, so for that one it counts as an attempt, and a report that always ends
   * its consumer becomes a dead letter.
   */
  public void abandon() {
    group.release(session, true);
  }
}
