package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.jms.BytesMessage;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A stranger on the update topic of the real broker. It takes the update messages of the nodes by a
 * subscription of its own and publishes them again: each window of them late and in another order,
 * many of them twice, some cut off, and old ones from long ago in between; under the name of the
 * node that sent them, or of one that nobody knows, so that the sender itself takes them as well.
 * While the broker is away it tries again.
 */
final class TopicMeddler implements AutoCloseable {
  static final String TOPIC = "PlenumGroupUpdateTopic";

  /** User of its connections; those of the nodes have another one. */
  static final String USER = "admin";

  private static final String NODE = "plenumNode";
  private static final String MINE = "plenumMeddler";
  private static final int WINDOW = 24;
  private static final int OLD = 200;
  private static final long RECEIVE_MILLIS = 200;

  /** Receptions in a row that bring nothing; then it connects again. */
  private static final int LONGEST_SILENCE = 10;

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final ConnectionFactory connections;
  private final Random random;
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final AtomicInteger captured = new AtomicInteger();
  private final AtomicInteger published = new AtomicInteger();
  private final AtomicInteger damaged = new AtomicInteger();
  private final List<Captured> old = new ArrayList<>();
  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final Future<?> running;

  private record Captured(String node, byte[] batch) {}

  TopicMeddler(ConnectionFactory connections, long seed) {
    this.connections = connections;
    this.random = new Random(seed);
    this.running = thread.submit(this::run);
  }

  /** Messages taken so far. */
  int captured() {
    return captured.get();
  }

  /** Messages published so far. */
  int published() {
    return published.get();
  }

  /** Of those, messages that were cut off. */
  int damaged() {
    return damaged.get();
  }

  /** Waits until it has published so many more. */
  void awaitMore(int messages) {
    int target = published() + messages;
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              assertThat(running).isNotDone();
              return published() >= target;
            });
  }

  private void run() {
    while (!stopped.get()) {
      try (JMSContext context = connections.createContext(USER, USER)) {
        Topic topic = context.createTopic(TOPIC);
        JMSConsumer consumer = context.createConsumer(topic, MINE + " IS NULL");
        // A consumer whose connection broke may receive nothing for ever, and say nothing.
        int silent = 0;
        while (!stopped.get() && silent < LONGEST_SILENCE) {
          List<Captured> window = window(consumer);
          silent = window.isEmpty() ? silent + 1 : 0;
          if (!window.isEmpty()) {
            publish(context, topic, window);
          }
        }
      } catch (JMSRuntimeException e) {
        LockSupport.parkNanos(Duration.ofMillis(RECEIVE_MILLIS).toNanos());
      }
    }
  }

  private List<Captured> window(JMSConsumer consumer) {
    List<Captured> window = new ArrayList<>();
    Message message = consumer.receive(RECEIVE_MILLIS);
    while (message != null && !stopped.get()) {
      try {
        String node = message.getStringProperty(NODE);
        if (node != null && message instanceof BytesMessage) {
          window.add(new Captured(node, message.getBody(byte[].class)));
          captured.incrementAndGet();
        }
      } catch (JMSException e) {
        throw new JMSRuntimeException(e.getMessage(), e.getErrorCode(), e);
      }
      if (window.size() >= WINDOW) {
        return window;
      }
      message = consumer.receive(RECEIVE_MILLIS);
    }
    return window;
  }

  private void publish(JMSContext context, Topic topic, List<Captured> window) {
    List<Captured> again = new ArrayList<>(window);
    if (random.nextBoolean()) {
      Collections.reverse(again);
    } else {
      Collections.shuffle(again, random);
    }
    for (Captured each : again) {
      for (int times = 1 + random.nextInt(2); times > 0; times--) {
        send(context, topic, each);
      }
      if (!old.isEmpty() && random.nextInt(4) == 0) {
        send(context, topic, old.get(random.nextInt(old.size())));
      }
      if (random.nextInt(12) == 0) {
        byte[] cut = Arrays.copyOf(each.batch(), random.nextInt(each.batch().length));
        send(context, topic, new Captured(UUID.randomUUID().toString(), cut));
        damaged.incrementAndGet();
      }
    }
    old.addAll(window);
    while (old.size() > OLD) {
      old.remove(random.nextInt(old.size()));
    }
  }

  private void send(JMSContext context, Topic topic, Captured captured) {
    try {
      BytesMessage message = context.createBytesMessage();
      message.setStringProperty(
          NODE, random.nextBoolean() ? captured.node() : UUID.randomUUID().toString());
      message.setBooleanProperty(MINE, true);
      message.writeBytes(captured.batch());
      context.createProducer().setDeliveryMode(DeliveryMode.NON_PERSISTENT).send(topic, message);
      published.incrementAndGet();
    } catch (JMSException e) {
      throw new JMSRuntimeException(e.getMessage(), e.getErrorCode(), e);
    }
  }

  @Override
  public void close() {
    stopped.set(true);
    thread.shutdownNow();
  }
}
