package org.plenum.report.xmpp;

import org.jspecify.annotations.Nullable;

/** A connection that is signed in. For one thread, but for {@link #close}, which any may call. */
interface ArchiveSession extends AutoCloseable {
  /**
   * The messages behind that one, oldest first.
   *
   * @param after an id in the archive; null for the beginning
   * @param most messages; the server may give fewer
   * @throws ArchiveException GONE when there is no message of that id; AWAY, REFUSED
   */
  ArchivePage page(@Nullable String after, int most) throws ArchiveException, InterruptedException;

  /**
   * Tells the sender of a message that its report is durable (XEP-0184). Does not wait for anything
   * but the connection's own queue.
   */
  void receipt(ArchivedMessage message) throws ArchiveException, InterruptedException;

  /** Whether the connection stands as far as this side knows. */
  boolean isOpen();

  /** Whether it ended because another connection of the same account took its place. */
  boolean isReplaced();

  /** Ends the connection; waits no longer than a moment. */
  @Override
  void close();
}
