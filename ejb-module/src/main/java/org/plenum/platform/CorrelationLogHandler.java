package org.plenum.platform;

import java.util.List;
import java.util.MissingResourceException;
import java.util.ResourceBundle;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;

/**
 * Marks each record that is logged on a thread that works for a request, a frame or a message with
 * its correlation id, before the server's handlers write it in whatever format they are configured
 * for. It sits on the topmost named loggers, so that lines of the server and of libraries are
 * marked too: handlers of a logger come before those of its parents. Thread-safe.
 */
public final class CorrelationLogHandler extends Handler {
  private static final List<String> NAMESPACES =
      List.of("org", "com", "jakarta", "javax", "fish", "net", "io", "oracle");

  /** Held, since the log manager itself would let them go. */
  private final List<Logger> loggers;

  private CorrelationLogHandler(Stream<String> names) {
    this.loggers = names.map(Logger::getLogger).toList();
  }

  /** Starts to mark. */
  public static CorrelationLogHandler install() {
    CorrelationLogHandler handler = new CorrelationLogHandler(NAMESPACES.stream());
    handler.loggers.forEach(logger -> logger.addHandler(handler));
    return handler;
  }

  /** Stops to mark. */
  public void uninstall() {
    loggers.forEach(logger -> logger.removeHandler(this));
  }

  @Override
  public void publish(LogRecord record) {
    String id = CorrelationId.current();
    String message = record.getMessage();
    if (id != null && message != null) {
      record.setMessage("[" + id + "] " + resolved(record, message));
      record.setResourceBundle(null);
    }
  }

  /** The server's own loggers name a text of a bundle, which has to be looked up before. */
  private static String resolved(LogRecord record, String message) {
    ResourceBundle texts = record.getResourceBundle();
    if (texts == null) {
      return message;
    }
    try {
      String text = texts.getString(message);
      return text.startsWith(message) ? text : message + ": " + text;
    } catch (MissingResourceException e) {
      return message;
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
