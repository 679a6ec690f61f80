package org.plenum.intake;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.Page;
import org.plenum.intake.api.DeadLetter;
import org.plenum.intake.api.DeadLetterStatus;
import org.plenum.intake.api.LetterQueue;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/**
 * Keeps dead letters. Each call is a transaction of its own. Thread-safe; {@code ServiceException}
 * with READ_UNAVAILABLE when the store is away.
 */
public interface DeadLetterStore {
  /**
   * A letter to be kept.
   *
   * @param body already cut to its bound
   */
  record NewLetter(
      String messageId,
      @Nullable String businessKey,
      @Nullable String command,
      ErrorCode code,
      String detail,
      String messageType,
      @Nullable String body,
      boolean truncated,
      int attempts,
      Instant receivedAt,
      LetterQueue queue) {}

  /** What an attempt or an administrator changed. */
  record Change(
      DeadLetterStatus status,
      ErrorCode code,
      String detail,
      int attempts,
      Instant at,
      String by,
      @Nullable GroupId group,
      long seq) {}

  /**
   * Keeps the letters; one whose message is kept already is left as it is. Returns how many are
   * new.
   */
  int add(List<NewLetter> letters);

  /** Letters of a status, newest first, without bodies. */
  Page<DeadLetter> list(DeadLetterStatus status, @Nullable String cursor, int limit);

  /** The letter with its body. */
  Optional<DeadLetter> find(long id);

  /** Changes a letter that is still waiting; false when it is not. */
  boolean change(long id, Change change);

  /** Whether the store can be reached at this moment; costs one look-up. */
  default boolean reachable() {
    try {
      return find(0).isEmpty();
    } catch (ServiceException e) {
      return false;
    }
  }

  /** Number of letters by status; every status is there. */
  Map<DeadLetterStatus, Long> counts();

  /**
   * Deletes letters received before the instant, then, beyond the limit, those dealt with, then the
   * oldest. Returns how many of them were still waiting.
   */
  int prune(Instant before, int limit);
}
