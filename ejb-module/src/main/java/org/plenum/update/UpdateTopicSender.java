package org.plenum.update;

import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.plenum.platform.metrics.Meters;

/**
 * Sends waiting updates to the topic, many in one message, from a thread of its own. While the
 * topic is away it backs off and the bounded queue forgets its oldest; nobody else notices. {@link
 * #publish} may be called by any thread and never blocks.
 */
final class UpdateTopicSender implements UpdatePublisher, Runnable {
  private static final Logger LOG = Logger.getLogger(UpdateTopicSender.class.getName());
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

  private final UpdateTopic topic;
  private final String node;
  private final OutgoingUpdates outgoing;
  private final Duration linger;
  private final Duration longestPause;
  private final Meters.Counter sent;
  private final Meters.Counter failures;
  private volatile boolean running = true;
  private volatile boolean away;

  UpdateTopicSender(
      UpdateTopic topic,
      String node,
      OutgoingUpdates outgoing,
      Duration linger,
      Duration longestPause,
      Meters meters) {
    this.topic = topic;
    this.node = node;
    this.outgoing = outgoing;
    this.linger = linger;
    this.longestPause = longestPause;
    this.sent = meters.counter("update_topic_messages_sent", "Batches sent to the update topic");
    this.failures =
        meters.counter("update_topic_send_failures", "Batches that the update topic did not take");
    meters.gauge("update_topic_waiting", "Updates that wait for the update topic", outgoing::depth);
    meters.gauge(
        "update_topic_dropped",
        "Updates not sent because too many waited; peers read them from the log",
        outgoing::dropped);
    meters.gauge(
        "update_topic_away",
        "1 while the update topic did not take what was sent last, else 0",
        () -> away ? 1 : 0);
  }

  @Override
  public void publish(List<Update> updates) {
    if (running) {
      outgoing.add(updates);
    }
  }

  /** Ends the loop; interrupt its thread as well. */
  void stop() {
    running = false;
  }

  @Override
  public void run() {
    Duration pause = Duration.ZERO;
    try {
      while (running) {
        try {
          pause = turn(pause);
        } catch (RuntimeException | Error e) {
          // Peers read from the log what was not sent; what comes next must be.
          failures.increment();
          away = true;
          LOG.log(Level.SEVERE, "sending updates met a fault and goes on", e);
          pause = longer(pause);
          Thread.sleep(pause);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      topic.release();
    }
  }

  /** Sends what waits, or waits for it; the pause after it, zero while the topic is there. */
  private Duration turn(Duration pause) throws InterruptedException {
    byte[] batch = UpdateBatchCodec.encode(outgoing.take());
    if (!send(batch, pause.isZero())) {
      Duration next = longer(pause);
      Thread.sleep(next);
      return next;
    }
    if (!pause.isZero()) {
      LOG.info("the update topic is back");
    }
    // A message costs far more than an update: under load many updates share one.
    Thread.sleep(linger);
    return Duration.ZERO;
  }

  private boolean send(byte[] batch, boolean first) {
    try {
      topic.send(node, batch);
      sent.increment();
      away = false;
      return true;
    } catch (RuntimeException e) {
      failures.increment();
      away = true;
      // Said once per outage: peers go on by polling the log.
      LOG.log(first ? Level.WARNING : Level.FINE, "the update topic is away, backing off", e);
      return false;
    }
  }

  private Duration longer(Duration pause) {
    Duration next = pause.isZero() ? FIRST_PAUSE : pause.multipliedBy(2);
    return next.compareTo(longestPause) < 0 ? next : longestPause;
  }
}
