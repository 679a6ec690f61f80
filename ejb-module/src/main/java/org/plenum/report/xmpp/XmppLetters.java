package org.plenum.report.xmpp;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ErrorCode;

/**
 * Messages that were meant as reports and are none. Thread-safe; all calls block for the database.
 */
interface XmppLetters {
  /**
   * A message that is no report.
   *
   * @param source the source it belongs to
   * @param archiveId its id in the archive of the server
   * @param sender who sent it
   * @param text what was sent, cut at the configured size
   */
  record Letter(
      String source,
      String archiveId,
      String sender,
      ErrorCode code,
      String detail,
      @Nullable String text,
      Instant at) {}

  /**
   * Keeps letters; one that is known (source and archive id) stays as it is.
   *
   * @throws org.plenum.platform.ServiceException READ_UNAVAILABLE
   */
  void keep(List<Letter> letters);
}
