package org.plenum.platform;

import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Marks the records of the application's loggers with the correlation id before the server's
 * handlers write them, whatever format those are configured for. Thread-safe.
 */
public final class CorrelationLogHandler extends Handler {
  private static final Logger ROOT = Logger.getLogger("org.plenum");

  /** Starts to mark. */
  public static CorrelationLogHandler install() {
    CorrelationLogHandler handler = new CorrelationLogHandler();
    ROOT.addHandler(handler);
    return handler;
  }

  /** Stops to mark. */
  public void uninstall() {
    ROOT.removeHandler(this);
  }

  @Override
  public void publish(LogRecord record) {
    String id = CorrelationId.current();
    String message = record.getMessage();
    if (id != null && message != null) {
      record.setMessage("[" + id + "] " + message);
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
