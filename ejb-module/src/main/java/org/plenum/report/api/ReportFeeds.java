package org.plenum.report.api;

import java.time.Duration;
import java.util.List;
import org.plenum.platform.ServiceException;

/**
 * Consumer groups of external processing servers (RPT-3, RPT-4): reports are kept for a group while
 * its server is away, and a server that comes back goes on where the group is. Thread-safe.
 */
public interface ReportFeeds {
  /**
   * A report as a group gets it.
   *
   * @param sequence its place in the queue of this node: what is acknowledged
   * @param attempt how often it has been handed out now; only of the first of a batch, else 1
   */
  record Delivered(long sequence, int attempt, ReportEnvelope envelope) {}

  /** The consumer of a group: one at a time, the newest wins. For one thread. */
  interface Feed extends AutoCloseable {
    /** The last sequence that the group is done with. */
    long acked();

    /**
     * The next reports, none when none came in time or as many are in flight as may be.
     *
     * @throws ServiceException FEED_REPLACED when a newer consumer took this one's place;
     *     REPORTS_UNAVAILABLE, REPORT_STORAGE_FAILED
     */
    List<Delivered> poll(int most, Duration wait) throws InterruptedException;

    /**
     * All reports up to this one are done.
     *
     * @throws ServiceException INVALID_VALUE when it was not delivered; FEED_REPLACED
     */
    void ack(long sequence);

    /**
     * This report cannot be processed; those before it are done. It comes again, alone, after a
     * pause, and becomes a dead letter after its last attempt.
     *
     * @throws ServiceException INVALID_VALUE when it is not in flight; FEED_REPLACED
     */
    void reject(long sequence, String reason);

    /** Gives back what is in flight. */
    @Override
    void close();

    /**
     * Ends it as {@link #close} does, when the processing server is gone without a word: that
     * counts as an attempt of the first report in flight, which may be why it is gone.
     */
    void lost();
  }

  /**
   * Takes the place of the group's consumer.
   *
   * @throws ServiceException NOT_FOUND when the group is not one for processing servers;
   *     REPORTS_UNAVAILABLE
   */
  Feed open(String group);
}
