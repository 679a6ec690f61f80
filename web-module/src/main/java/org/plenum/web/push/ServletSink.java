package org.plenum.web.push;

import jakarta.servlet.ServletOutputStream;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.logging.Level;
import java.util.logging.Logger;

/** A servlet's non-blocking stream as a sink. */
final class ServletSink implements Sink {
  private static final Logger LOG = Logger.getLogger(ServletSink.class.getName());

  private final ServletOutputStream output;
  private final AutoCloseable connection;
  private final Executor closer;

  /**
   * Wraps a stream.
   *
   * @param connection what to close at the end; closing may block for a slow peer
   * @param closer runs the closing
   */
  ServletSink(ServletOutputStream output, AutoCloseable connection, Executor closer) {
    this.output = output;
    this.connection = connection;
    this.closer = closer;
  }

  @Override
  public boolean ready() {
    return output.isReady();
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    output.write(bytes, offset, length);
  }

  @Override
  public void flush() throws IOException {
    output.flush();
  }

  @Override
  public void close() {
    try {
      closer.execute(this::closeNow);
    } catch (RejectedExecutionException e) {
      // Not here: this may be a fan-out thread, and closing may block.
      LOG.log(Level.WARNING, "a socket is not closed; it is left to the container's timeouts", e);
    }
  }

  private void closeNow() {
    try {
      connection.close();
    } catch (Exception e) {
      // The peer was faster.
      LOG.log(Level.FINE, "a socket was already closed", e);
    }
  }
}
