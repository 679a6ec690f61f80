package org.plenum.report.xmpp;

/** What a connection sees coming. Called by its reading thread: must not wait. */
interface Arrivals {
  /** Something came, or the connection ended: the archive may have something new. */
  void hint();

  /** A message came that the server has put into the archive. */
  void archived(MessageToken token);

  /**
   * A message came that could be a report and is not in the archive: the server is set up wrongly.
   */
  void notArchived();
}
