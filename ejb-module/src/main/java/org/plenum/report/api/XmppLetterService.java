package org.plenum.report.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/**
 * Messages in the archives of XMPP servers that were meant as reports and are none, of all nodes,
 * for administrators (RPT-3). There is nothing to replay: what is wrong is in the message, and its
 * sender sends another one. Thread-safe; every call blocks for the database.
 */
public interface XmppLetterService {
  /**
   * A message that is no report.
   *
   * @param id grows with the time it was refused
   * @param source the source that its reports have
   * @param archiveId its id in the archive of the server
   * @param sender who sent it
   * @param code why it was refused
   * @param text what was sent, cut at the configured size; null when there was none
   * @param at when it was refused
   */
  record XmppLetter(
      long id,
      String source,
      String archiveId,
      String sender,
      ErrorCode code,
      String detail,
      @Nullable String text,
      Instant at) {}

  /**
   * Letters that were not discarded, newest first.
   *
   * @param before only those with a lower id, {@code Long.MAX_VALUE} for the newest
   * @param most how many at most
   * @throws ServiceException READ_UNAVAILABLE
   */
  List<XmppLetter> letters(long before, int most);

  /**
   * Gives a letter up: its text is gone, and it does not come back when the archive is read again.
   *
   * @throws ServiceException NOT_FOUND, READ_UNAVAILABLE
   */
  void discard(long id);
}
