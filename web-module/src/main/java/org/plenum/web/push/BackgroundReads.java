package org.plenum.web.push;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.plenum.platform.CorrelationId;

/**
 * What sockets need to read from the caches or the database, which may block: run elsewhere, a
 * bounded number at a time. Thread-safe.
 */
final class BackgroundReads {
  private static final Logger LOG = Logger.getLogger(BackgroundReads.class.getName());

  private final Executor executor;

  /**
   * Reads by an executor.
   *
   * @param executor refuses what is too much
   */
  BackgroundReads(Executor executor) {
    this.executor = executor;
  }

  /** Runs a task under the caller's correlation; {@code refused} when it is not run or fails. */
  void read(Runnable task, Runnable refused) {
    String correlation = CorrelationId.current();
    try {
      executor.execute(
          () -> {
            CorrelationId.bind(correlation);
            try {
              task.run();
            } catch (RuntimeException | Error e) {
              LOG.log(Level.SEVERE, "a read for a socket failed", e);
              refused.run();
            } finally {
              CorrelationId.bind(null);
            }
          });
    } catch (RejectedExecutionException e) {
      refused.run();
    }
  }
}
