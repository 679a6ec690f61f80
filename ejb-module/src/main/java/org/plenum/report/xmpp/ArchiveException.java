package org.plenum.report.xmpp;

import org.jspecify.annotations.Nullable;

/** What the XMPP server or the way to it refuses. */
final class ArchiveException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What it means for whoever reads the archive. */
  enum Reason {
    /** No connection, or it ended, or no answer came in time. */
    AWAY,
    /** The server is there and does not let the account in, or has no archive for it. */
    REFUSED,
    /** The message that the reading was to go on behind is no longer in the archive. */
    GONE
  }

  private final Reason reason;

  ArchiveException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** What it means. */
  Reason reason() {
    return reason;
  }
}
