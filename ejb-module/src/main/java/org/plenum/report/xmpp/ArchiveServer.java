package org.plenum.report.xmpp;

/** An XMPP server with an account of ours, whose archive holds the reports. Thread-safe. */
interface ArchiveServer {
  /**
   * Signs in. From then on every message that arrives for the account, and the end of the
   * connection, is told: what arrives says that the archive has something new, no more.
   *
   * @throws ArchiveException AWAY, REFUSED
   */
  ArchiveSession open(Arrivals arrivals) throws ArchiveException, InterruptedException;
}
