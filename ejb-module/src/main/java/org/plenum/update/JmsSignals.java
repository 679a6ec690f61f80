package org.plenum.update;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.jms.BytesMessage;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Topic;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.NodeConfig;
import org.plenum.platform.config.KnownConfig;
import org.plenum.platform.metrics.Meters;

/**
 * Signals on {@code GroupUpdateTopic}, in messages of their own with a property of their own, which
 * nodes of an earlier version pass over. Sends by a {@link SignalSender}; while the topic is away
 * signals are dropped. Does nothing on a node that is alone.
 */
@ApplicationScoped
public class JmsSignals implements Signals {
  /** Property that names the sending process. */
  static final String SIGNALS_PROPERTY = "plenumSignals";

  private static final Logger LOG = Logger.getLogger(JmsSignals.class.getName());
  private static final int BOUND = 1_024;
  private static final Duration LINGER = Duration.ofMillis(20);
  private static final Duration BACK_OFF = Duration.ofSeconds(2);
  private static final long TIME_TO_LIVE_MILLIS = 10_000;
  private static final Duration JOIN = Duration.ofSeconds(5);

  @Resource(lookup = "jms/plenum/ConnectionFactory")
  private ConnectionFactory connections;

  @Resource(lookup = "jms/plenum/GroupUpdateTopic")
  private Topic topic;

  @Resource(lookup = "java:comp/DefaultManagedThreadFactory")
  private ManagedThreadFactory threads;

  @Inject private Meters meters;
  @Inject private UpdateThreads watched;

  private final List<Consumer<Signal>> listeners = new CopyOnWriteArrayList<>();
  private @Nullable SignalSender sender;
  private @Nullable Thread thread;
  private @Nullable JMSContext open;

  @PostConstruct
  void start() {
    Meters.Counter dropped =
        meters.counter("update_signals_dropped", "Signals that were not sent to the other nodes");
    if (NodeConfig.from(KnownConfig.get()).clustered()) {
      SignalSender started =
          new SignalSender(this::sent, this::close, BOUND, LINGER, BACK_OFF, dropped);
      Thread runner = threads.newThread(started);
      runner.setName("plenum-signals");
      runner.start();
      watched.watch(runner);
      sender = started;
      thread = runner;
    }
  }

  @PreDestroy
  void stop() {
    SignalSender started = sender;
    Thread runner = thread;
    if (started != null && runner != null) {
      started.stop();
      runner.interrupt();
      try {
        runner.join(JOIN);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void send(Signal signal) {
    SignalSender started = sender;
    if (started != null) {
      started.send(signal);
    }
  }

  @Override
  public void received(List<Signal> signals) {
    for (Signal signal : signals) {
      for (Consumer<Signal> listener : listeners) {
        try {
          listener.accept(signal);
        } catch (RuntimeException e) {
          LOG.log(Level.WARNING, "a signal of another node could not be used", e);
        }
      }
    }
  }

  @Override
  public void subscribe(Consumer<Signal> listener) {
    listeners.add(listener);
  }

  private boolean sent(byte[] batch) {
    try {
      JMSContext context = open;
      if (context == null) {
        context = connections.createContext(JMSContext.AUTO_ACKNOWLEDGE);
        open = context;
      }
      BytesMessage message = context.createBytesMessage();
      message.setStringProperty(SIGNALS_PROPERTY, UpdateTopicReceiver.NODE);
      message.writeBytes(batch);
      context
          .createProducer()
          .setDeliveryMode(DeliveryMode.NON_PERSISTENT)
          .setTimeToLive(TIME_TO_LIVE_MILLIS)
          .send(topic, message);
      return true;
    } catch (JMSException | RuntimeException e) {
      LOG.log(Level.FINE, "signals could not be sent", e);
      close();
      return false;
    }
  }

  private void close() {
    JMSContext context = open;
    open = null;
    if (context != null) {
      try {
        context.close();
      } catch (RuntimeException e) {
        LOG.log(Level.FINE, "a broken connection for signals could not be closed", e);
      }
    }
  }
}
