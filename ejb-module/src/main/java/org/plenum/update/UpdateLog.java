package org.plenum.update;

import java.util.List;

/**
 * The committed update log (decision 1): where every gap of the stream is filled from. Blocks for
 * the database.
 */
public interface UpdateLog {
  /**
   * Updates after a revision, in order and without gaps, at most {@code limit}.
   *
   * @throws org.plenum.platform.ServiceException READ_UNAVAILABLE when the database does not answer
   */
  List<Update> after(long revision, int limit);

  /** The last revision, 0 when nothing was ever written. */
  long lastRevision();

  /**
   * The first revision still kept; updates before it can only be had by reading the present state.
   */
  long firstRevision();
}
