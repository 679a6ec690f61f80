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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.NodeConfig;
import org.plenum.platform.config.KnownConfig;
import org.plenum.platform.metrics.Meters;

/**
 * Signals on {@code GroupUpdateTopic}, in messages of their own with a property of their own, which
 * nodes of an earlier version pass over. Sends from one thread, several at a time; while the topic
 * is away signals are dropped. Does nothing on a node that is alone.
 */
@ApplicationScoped
public class JmsSignals implements Signals {
  /** Property that names the sending process. */
  static final String SIGNALS_PROPERTY = "plenumSignals";

  private static final Logger LOG = Logger.getLogger(JmsSignals.class.getName());
  private static final int BOUND = 1_024;
  private static final long LINGER_MILLIS = 20;
  private static final long BACK_OFF_MILLIS = 2_000;
  private static final long TIME_TO_LIVE_MILLIS = 10_000;
  private static final Duration JOIN = Duration.ofSeconds(5);

  @Resource(lookup = "jms/plenum/ConnectionFactory")
  private ConnectionFactory connections;

  @Resource(lookup = "jms/plenum/GroupUpdateTopic")
  private Topic topic;

  @Resource(lookup = "java:comp/DefaultManagedThreadFactory")
  private ManagedThreadFactory threads;

  @Inject private Meters meters;

  private final BlockingQueue<Signal> waiting = new ArrayBlockingQueue<>(BOUND);
  private final List<Consumer<Signal>> listeners = new CopyOnWriteArrayList<>();
  private Meters.@Nullable Counter dropped;
  private @Nullable Thread thread;
  private @Nullable JMSContext open;
  private volatile boolean running;

  @PostConstruct
  void start() {
    Meters.Counter counter =
        meters.counter("update_signals_dropped", "Signals that were not sent to the other nodes");
    dropped = counter;
    if (NodeConfig.from(KnownConfig.get()).clustered()) {
      running = true;
      Thread runner = threads.newThread(() -> run(counter));
      runner.setName("plenum-signals");
      runner.start();
      thread = runner;
    }
  }

  @PreDestroy
  void stop() {
    running = false;
    Thread runner = thread;
    if (runner != null) {
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
    Meters.Counter counter = dropped;
    if (running && !waiting.offer(signal) && counter != null) {
      counter.increment();
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

  private void run(Meters.Counter counter) {
    try {
      while (running) {
        List<Signal> batch = new ArrayList<>();
        batch.add(waiting.take());
        TimeUnit.MILLISECONDS.sleep(LINGER_MILLIS);
        waiting.drainTo(batch, SignalCodec.MAX_SIGNALS - 1);
        if (!sent(SignalCodec.encode(batch))) {
          counter.add(batch.size());
          TimeUnit.MILLISECONDS.sleep(BACK_OFF_MILLIS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      close();
    }
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
