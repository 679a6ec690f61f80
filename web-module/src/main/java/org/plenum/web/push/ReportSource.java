package org.plenum.web.push;

import java.time.Duration;
import java.util.List;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.StreamStatus;

/**
 * The queue of one node as a stream takes from it (RPT-3): this node's own, or that of another one
 * over an inner stream. Sequences, acknowledgements and rejections count within one opening; what
 * was not acknowledged in it comes again in the next one. For the stream's own thread.
 */
interface ReportSource extends AutoCloseable {
  /** What {@link #tick} has found. */
  enum Change {
    NONE,
    /** Reports come from here on, from {@link #acked()} on. */
    OPENED,
    /** The queue is not reached any more: what is in flight comes again. */
    LOST
  }

  /** A report on its way. */
  interface Taken {
    /** Its place in its queue. */
    long sequence();

    /** How often it has been handed out now; above 1 only of one that comes first. */
    int attempt();

    /** Appends its JSON. */
    void appendTo(StringBuilder json);
  }

  /** Name of the node. */
  String node();

  /**
   * Does what is due, without waiting.
   *
   * @throws ServiceException FEED_REPLACED when a newer consumer took this one's place; what else
   *     ends the stream
   */
  Change tick();

  /** How it is, for administrators. */
  StreamStatus.Queue status();

  /** The last sequence that the group was done with when it opened. */
  long acked();

  /**
   * The next reports in order; those after the first have the attempt 1.
   *
   * @param wait for the first one; not every queue waits
   */
  List<Taken> poll(int most, Duration wait) throws InterruptedException;

  /**
   * All up to this one are done.
   *
   * @throws ServiceException INVALID_VALUE when it was not delivered in this opening
   */
  void ack(long sequence);

  /**
   * This one cannot be processed: it and what follows come again.
   *
   * @throws ServiceException INVALID_VALUE when it is not in flight
   */
  void reject(long sequence, String reason);

  /** Gives back what is in flight; what was acknowledged before counts. Never waits. */
  @Override
  void close();

  /**
   * Ends as {@link #close} does, when the processing server is gone without a word: for a report
   * that it had, that counts as an attempt. Never waits.
   */
  void lost();
}
