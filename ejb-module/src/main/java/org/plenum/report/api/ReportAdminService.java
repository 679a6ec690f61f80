package org.plenum.report.api;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ServiceException;
import org.plenum.report.queue.QueueOptions;
import org.plenum.report.queue.QueueView;

/**
 * What administrators see of the queue of this node, and do with it. The caller has checked that
 * the account is a platform administrator. Thread-safe.
 */
public interface ReportAdminService {
  /** The queue and its bounds at one moment. */
  record Status(QueueView queue, QueueOptions bounds) {}

  /**
   * A report that a consumer group could not process.
   *
   * @param sequence its place in the queue
   * @param envelope null when what was in the queue is no report of ours
   */
  record Letter(
      long id,
      String group,
      long sequence,
      String source,
      String key,
      @Nullable ReportEnvelope envelope,
      String reason,
      int attempts,
      Instant at) {}

  /** The queue now; empty when this node takes no reports. */
  Optional<Status> status();

  /**
   * Dead letters with a higher number than this, oldest first; reads the storage.
   *
   * @throws ServiceException REPORTS_UNAVAILABLE
   */
  List<Letter> deadLetters(long after, int most);

  /**
   * Pushes the report of a dead letter again, to all groups, which know it by its id, and removes
   * the letter when that is durable.
   *
   * @throws ServiceException NOT_FOUND, REPORTS_UNAVAILABLE
   */
  CompletionStage<ReportAnswer> replay(long id);

  /**
   * Gives a dead letter up.
   *
   * @throws ServiceException NOT_FOUND, REPORTS_UNAVAILABLE
   */
  void discard(long id);

  /**
   * Forgets a consumer group: nothing is kept for it any more.
   *
   * @throws ServiceException NOT_FOUND; FORBIDDEN for a group that this node itself uses;
   *     REPORTS_UNAVAILABLE
   */
  void removeGroup(String name);
}
