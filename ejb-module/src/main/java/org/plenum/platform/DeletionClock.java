package org.plenum.platform;

import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;
import java.util.logging.Logger;

/**
 * Whether the time can be trusted for deleting what is old. A clock that is set forward makes
 * everything look old, and what is deleted does not come back when the clock does: so nothing is
 * deleted by age while the database's clock runs ahead of the time that has passed since this node
 * first saw it, or while it differs from this node's. Not thread-safe.
 */
public final class DeletionClock {
  private static final Logger LOG = Logger.getLogger(DeletionClock.class.getName());

  /** How far clocks may be off: little against the days that anything is kept. */
  public static final Duration TOLERANCE = Duration.ofHours(1);

  private final LongSupplier nanos;
  private Instant first = Instant.MAX;
  private long firstNanos;

  /** A clock that measures the time that passes by {@link System#nanoTime()}. */
  public DeletionClock() {
    this(System::nanoTime);
  }

  /**
   * A clock.
   *
   * @param nanos the time that passes, whatever the clocks say
   */
  public DeletionClock(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /**
   * Whether what is old by the database's time may go; false is logged.
   *
   * @param database the time of the database
   * @param node the time of this node
   */
  public boolean trusts(Instant database, Instant node) {
    if (first.equals(Instant.MAX)) {
      first = database;
      firstNanos = nanos.getAsLong();
    }
    Duration apart = Duration.between(database, node).abs();
    if (apart.compareTo(TOLERANCE) > 0) {
      LOG.warning(
          () -> "nothing old is deleted: the clocks of node and database differ by " + apart);
      return false;
    }
    Duration ahead = Duration.between(first.plusNanos(nanos.getAsLong() - firstNanos), database);
    if (ahead.compareTo(TOLERANCE) > 0) {
      LOG.warning(
          () ->
              "nothing old is deleted: the database's clock was set forward by "
                  + ahead
                  + "; restart this node if the clock is right");
      return false;
    }
    return true;
  }
}
