package org.plenum.update;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Predicate;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.plenum.platform.metrics.Meters;

/**
 * Sends waiting signals, several at a time, from a thread of its own. What cannot be sent is
 * dropped and counted, and no fault ends the thread. {@link #send} may be called by any thread and
 * never blocks.
 */
final class SignalSender implements Runnable {
  private static final Logger LOG = Logger.getLogger(SignalSender.class.getName());

  private final Predicate<byte[]> way;
  private final Runnable release;
  private final Duration linger;
  private final Duration backOff;
  private final Meters.Counter dropped;
  private final BlockingQueue<Signal> waiting;
  private volatile boolean running = true;

  /**
   * A sender that is not running yet.
   *
   * @param way takes a batch as of {@link SignalCodec}; false while there is none
   * @param release gives back what the way keeps open; called when the thread ends
   * @param bound signals that wait at most
   * @param linger how long others are waited for that travel together
   * @param backOff pause after what could not be sent
   */
  SignalSender(
      Predicate<byte[]> way,
      Runnable release,
      int bound,
      Duration linger,
      Duration backOff,
      Meters.Counter dropped) {
    this.way = way;
    this.release = release;
    this.linger = linger;
    this.backOff = backOff;
    this.dropped = dropped;
    waiting = new ArrayBlockingQueue<>(bound);
  }

  void send(Signal signal) {
    if (running && !waiting.offer(signal)) {
      dropped.increment();
    }
  }

  /** Ends the loop; interrupt its thread as well. */
  void stop() {
    running = false;
  }

  @Override
  public void run() {
    try {
      while (running) {
        try {
          turn();
        } catch (RuntimeException | Error e) {
          LOG.log(Level.SEVERE, "sending signals met a fault and goes on", e);
          Thread.sleep(backOff);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      release.run();
    }
  }

  private void turn() throws InterruptedException {
    List<Signal> batch = new ArrayList<>();
    batch.add(waiting.take());
    Thread.sleep(linger);
    waiting.drainTo(batch, SignalCodec.MAX_SIGNALS - 1);
    boolean sent = false;
    try {
      sent = way.test(SignalCodec.encode(batch));
    } finally {
      if (!sent) {
        dropped.add(batch.size());
      }
    }
    if (!sent) {
      Thread.sleep(backOff);
    }
  }
}
