package org.plenum.intake;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Receives batch after batch, pauses after a batch was given back, and backs off while the queue is
 * away. After a batch was given back or a fault it asks whether the next one has a chance before it
 * receives again, so that an outage does not use up deliveries. One thread runs it.
 */
final class IntakeLoop implements Runnable {
  private static final Logger LOG = Logger.getLogger(IntakeLoop.class.getName());
  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
  private static final Duration PRUNE_EVERY = Duration.ofMinutes(10);

  private final BooleanSupplier batch;
  private final BooleanSupplier ready;
  private final Runnable prune;
  private final Duration delay;
  private final Clock clock;
  private volatile boolean running = true;

  /**
   * A loop.
   *
   * @param batch takes one batch; false when it was given back to the queue
   * @param ready whether a batch has a chance
   * @param prune deletes what is beyond its bounds
   * @param delay pause after a batch was given back, and longest pause while the queue is away
   */
  IntakeLoop(
      BooleanSupplier batch, BooleanSupplier ready, Runnable prune, Duration delay, Clock clock) {
    this.batch = batch;
    this.ready = ready;
    this.prune = prune;
    this.delay = delay;
    this.clock = clock;
  }

  void stop() {
    running = false;
  }

  @Override
  public void run() {
    Duration pause = Duration.ZERO;
    Instant nextPrune = clock.instant();
    boolean sound = false;
    try {
      while (running) {
        try {
          if (!sound && !ready.getAsBoolean()) {
            Thread.sleep(delay);
            continue;
          }
          boolean taken = batch.getAsBoolean();
          sound = taken;
          if (!pause.isZero()) {
            LOG.info("the queue is back");
          }
          pause = Duration.ZERO;
          if (!taken) {
            Thread.sleep(delay);
          } else if (clock.instant().isAfter(nextPrune)) {
            nextPrune = clock.instant().plus(PRUNE_EVERY);
            prune.run();
          }
        } catch (RuntimeException | Error e) {
          // Also a message that overflows the stack: the consumer lives on, the message is bounded.
          sound = false;
          LOG.log(
              pause.isZero() ? Level.WARNING : Level.FINE,
              "no message can be taken, backing off",
              e);
          pause = pause.isZero() ? FIRST_PAUSE : longer(pause);
          Thread.sleep(pause);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Duration longer(Duration pause) {
    Duration doubled = pause.multipliedBy(2);
    return doubled.compareTo(delay) < 0 ? doubled : delay;
  }
}
