package org.plenum.web.push;

import java.io.IOException;

/**
 * Where the bytes of one socket go: the servlet container's non-blocking stream. Used by one thread
 * at a time.
 */
interface Sink {
  /**
   * Whether a write would not block. After {@code false} the container calls {@link
   * Outbound#onWritePossible()} once, from a thread of its own and perhaps before this returns.
   */
  boolean ready() throws IOException;

  /** Takes all the bytes; only after {@link #ready()} was true. */
  void write(byte[] bytes, int offset, int length) throws IOException;

  /** Sends what was written; only after {@link #ready()} was true. */
  void flush() throws IOException;

  /** Ends the connection; may block for the peer. */
  void close();
}
