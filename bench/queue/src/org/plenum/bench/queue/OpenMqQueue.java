package org.plenum.bench.queue;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;
import org.plenum.testkit.BrokerServer;

/**
 * OpenMQ with the settings of {@code domain-config}, fsync among them. A send of JMS waits for the
 * disk, so each message in flight has a session and a thread, up to 64. The queue is the one that
 * reports come through: the broker makes none by itself.
 */
final class OpenMqQueue implements DurableQueue {
  private static final int MOST_SESSIONS = 64;
  private static final String NAME = "PlenumReportQueue";

  private final BrokerServer broker;
  private final Connection connection;
  private final BlockingQueue<Sending> handed;

  private static final class Sending {
    private final byte[] body;
    private final Runnable acknowledged;

    Sending(byte[] body, Runnable acknowledged) {
      this.body = body;
      this.acknowledged = acknowledged;
    }
  }

  OpenMqQueue(Path payara, Path project, Path work, int inFlight) throws JMSException {
    broker = BrokerServer.start(payara, project, work);
    connection = broker.connections().createConnection("guest", "guest");
    int sessions = Math.min(inFlight, MOST_SESSIONS);
    handed = new ArrayBlockingQueue<>(sessions);
    List<Session> all = new ArrayList<>();
    for (int i = 0; i < sessions; i++) {
      all.add(connection.createSession(false, Session.AUTO_ACKNOWLEDGE));
    }
    connection.start();
    for (Session session : all) {
      Thread.ofPlatform().daemon().name("openmq-sender").start(() -> send(session));
    }
  }

  private void send(Session session) {
    try {
      Queue queue = session.createQueue(NAME);
      MessageProducer producer = session.createProducer(queue);
      while (true) {
        Sending next = handed.take();
        BytesMessage message = session.createBytesMessage();
        message.writeBytes(next.body);
        producer.send(message);
        next.acknowledged.run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (JMSException e) {
      System.getLogger("bench").log(System.Logger.Level.DEBUG, "the broker is gone", e);
    }
  }

  @Override
  public void send(byte[] body, Runnable acknowledged) throws InterruptedException {
    handed.put(new Sending(body, acknowledged));
  }

  @Override
  public void consume(Consumer<byte[]> consumer) throws JMSException {
    Session session = connection.createSession(false, Session.DUPS_OK_ACKNOWLEDGE);
    MessageConsumer from = session.createConsumer(session.createQueue(NAME));
    from.setMessageListener(
        message -> {
          try {
            BytesMessage bytes = (BytesMessage) message;
            byte[] body = new byte[(int) bytes.getBodyLength()];
            bytes.readBytes(body);
            consumer.accept(body);
          } catch (JMSException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  @Override
  public void close() {
    broker.close();
  }
}
