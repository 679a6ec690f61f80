package org.plenum.intake.api;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.Page;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/**
 * What administrators do with dead letters. The caller has checked that the account is a platform
 * administrator. Blocks for the database, replaying for the writer too; thread-safe. Errors: {@link
 * ServiceException} with NOT_FOUND, INVALID_CURSOR, READ_UNAVAILABLE.
 */
public interface DeadLetterService {
  /** Letters of a status, newest first, without their bodies. */
  Page<DeadLetter> list(DeadLetterStatus status, @Nullable String cursor, int limit);

  /** The letter with its body. */
  DeadLetter get(long id);

  /**
   * Sends the letter the way of a new message, with its old identity: replaying what took effect
   * before has no second effect. A letter that was replayed or discarded is answered as it is.
   *
   * @param by name of the administrator
   * @throws ServiceException with the rejection's code; the letter then stays, with the new reason
   */
  DeadLetter replay(long id, String by);

  /**
   * Gives the letter up; one that was replayed is answered as it is.
   *
   * @throws ServiceException {@link ErrorCode#NOT_FOUND}
   */
  DeadLetter discard(long id, String by);

  /** Number of letters by status. */
  Map<DeadLetterStatus, Long> counts();
}
