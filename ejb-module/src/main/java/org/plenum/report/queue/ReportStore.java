package org.plenum.report.queue;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The persistent storage of a queue (QUE-2, QUE-8). One owner at a time: opening takes ownership,
 * and an owner that lost it learns so from its next {@link #append} and changes nothing any more.
 * One thread calls {@link #append}, {@link #discard} and {@link #tick}; all else may be called by
 * any thread at any time. What fails throws a {@link QueueException}.
 */
public interface ReportStore extends AutoCloseable {
  /** Weight of the reports of one answer of {@link #deadLetters}; the first one may be heavier. */
  long LETTER_PAGE_BYTES = 4 << 20;

  /**
   * What was found on opening.
   *
   * @param first the oldest sequence that is kept; one more than the last when none is
   * @param last the last sequence that is stored, 0 when the queue is new
   * @param cursors of all groups
   */
  record Contents(long first, long last, List<Cursor> cursors) {}

  /** What went wrong last, and when. */
  record Failure(Instant at, String message) {}

  /**
   * The storage at one moment.
   *
   * @param first the oldest sequence that is kept
   * @param last the last durable sequence
   * @param bytes what the journal takes
   * @param files in how many files, or tables
   * @param epoch of the ownership; grows with each owner
   * @param lastFailure of a write, null when there was none
   */
  record View(
      long first, long last, long bytes, int files, long epoch, @Nullable Failure lastFailure) {}

  /** Takes ownership and recovers. Once, before all else. */
  Contents open();

  /**
   * Makes these durable, all or none; they follow the last durable ones. After a failure none of
   * them counts as stored, and the next call may bring the same sequences again.
   */
  void append(List<QueuedReport> reports);

  /**
   * Stored reports from this sequence on, at most so many and so heavy, but one at least.
   *
   * @throws QueueException DAMAGED when one of them is not there as it was written
   */
  List<QueuedReport> read(long first, int maxCount, long maxBytes);

  /** Makes cursors durable; a group that is new is added. */
  void saveCursors(Collection<Cursor> cursors);

  /** Forgets a group. */
  void removeCursor(String group);

  /** Lets go of what is before this sequence, as far as that frees anything. */
  void discard(long before);

  /**
   * The first sequence that may stay when reports older than this instant go and the rest is to
   * take at most so many bytes.
   */
  long horizon(Instant oldest, long maxBytes);

  /**
   * Makes a dead letter durable; gives its number. There is one at most of a group and sequence: a
   * second one gives the number of the first.
   */
  long addDeadLetter(DeadLetter letter);

  /**
   * Dead letters with a higher number than this, oldest first: at most so many, and no more than
   * fit into {@link #LETTER_PAGE_BYTES}, but one at least when there is one.
   */
  List<DeadLetter> deadLetters(long after, int most);

  /** How many dead letters there are, of all groups. Answers without waiting. */
  int deadLetterCount();

  /** Removes a dead letter; false when there is none of this number. */
  boolean removeDeadLetter(long id);

  /** Keeps the ownership alive; called several times in a lease. */
  void tick();

  /** The storage now. Answers without waiting. */
  View view();

  /** Gives the ownership back. */
  @Override
  void close();
}
