package org.plenum.testkit;

import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A legacy producer on the command queue: one connection, one session, and a temporary queue for
 * its answers. The client library is the broker's own, from Payara's {@code mq/lib}. Confined to
 * one thread, as a JMS session is.
 */
public final class LegacySystem implements AutoCloseable {
  /** The client tells of each broken connection with a stack trace; tests judge by exceptions. */
  private static final Logger CLIENT_LOG = Logger.getLogger("jakarta.jms");

  static {
    CLIENT_LOG.setLevel(Level.OFF);
  }

  /** The physical name of the command queue. */
  public static final String QUEUE = "PlenumGroupCommandQueue";

  /** The physical name of the report queue. */
  public static final String REPORTS = "PlenumReportQueue";

  private final JMSContext context;
  private final Queue queue;
  private final JMSProducer producer;
  private final boolean transacted;
  private @Nullable TemporaryQueue answers;
  private @Nullable JMSConsumer consumer;

  private LegacySystem(JMSContext context, String queue, boolean transacted) {
    this.context = context;
    this.queue = context.createQueue(queue);
    this.producer = context.createProducer();
    this.transacted = transacted;
  }

  /**
   * The broker's connection factory.
   *
   * @param payara an unpacked Payara
   * @param port the broker's port on loopback
   */
  public static ConnectionFactory connections(Path payara, int port) {
    try {
      Object factory =
          Client.of(payara)
              .loadClass("com.sun.messaging.ConnectionFactory")
              .getDeclaredConstructor()
              .newInstance();
      factory
          .getClass()
          .getMethod("setProperty", String.class, String.class)
          .invoke(factory, "imqAddressList", "mq://127.0.0.1:" + port);
      return (ConnectionFactory) factory;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("no OpenMQ client in " + payara, e);
    }
  }

  /** Connects; each {@link #send} is on the broker's disk when it returns. */
  public static LegacySystem connect(ConnectionFactory connections) {
    return connect(connections, QUEUE);
  }

  /** The same to another queue. */
  public static LegacySystem connect(ConnectionFactory connections, String queue) {
    return new LegacySystem(connections.createContext("guest", "guest"), queue, false);
  }

  /** Connects; what was sent is on the broker's disk when {@link #commit} returns. */
  public static LegacySystem connectTransacted(ConnectionFactory connections) {
    return connectTransacted(connections, QUEUE);
  }

  /** The same to another queue. */
  public static LegacySystem connectTransacted(ConnectionFactory connections, String queue) {
    return new LegacySystem(
        connections.createContext("guest", "guest", JMSContext.SESSION_TRANSACTED), queue, true);
  }

  /** A text message. */
  public Message text(String text) {
    return context.createTextMessage(text);
  }

  /** Any other message. */
  public Message message(Function<JMSContext, Message> maker) {
    return maker.apply(context);
  }

  /** Sends without asking for an answer; returns the JMSMessageID. */
  public String send(Message message) {
    try {
      producer.send(queue, message);
      return message.getJMSMessageID();
    } catch (JMSException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Commits what was sent. */
  public void commit() {
    context.commit();
  }

  /** Sends with a JMSReplyTo and returns the answer that is correlated with the message. */
  public TextMessage ask(Message message, Duration limit) {
    if (transacted) {
      throw new IllegalStateException("an answer comes only after the commit");
    }
    try {
      if (answers == null || consumer == null) {
        answers = context.createTemporaryQueue();
        consumer = context.createConsumer(answers);
      }
      message.setJMSReplyTo(answers);
      String id = send(message);
      Message answer = consumer.receive(limit.toMillis());
      if (answer instanceof TextMessage text && id.equals(text.getJMSCorrelationID())) {
        return text;
      }
      throw new AssertionError("no answer to " + id + " but " + answer);
    } catch (JMSException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    context.close();
  }

  /** A command of the contract. */
  public static Map<String, Object> command(String name, @Nullable String businessKey) {
    Map<String, Object> command = new LinkedHashMap<>();
    command.put("version", 1);
    command.put("command", name);
    if (businessKey != null) {
      command.put("businessKey", businessKey);
    }
    return command;
  }

  /** A post to a group that is named by its id. */
  public static String post(String businessKey, String group, String from, String text) {
    Map<String, Object> command = command("post", businessKey);
    command.put("group", group);
    command.put("from", from);
    command.put("text", text);
    return json(command);
  }

  /** The JSON of a command. */
  public static String json(Map<String, ?> command) {
    try {
      return RestClient.JSON.writeValueAsString(command);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One class loader for all tests of a run: the client keeps threads and caches. */
  private static final class Client {
    private static @Nullable ClassLoader loader;

    private Client() {}

    static synchronized ClassLoader of(Path payara) {
      if (loader == null) {
        try {
          URL jar = payara.resolve("mq/lib/imq.jar").toUri().toURL();
          loader = new URLClassLoader(new URL[] {jar}, LegacySystem.class.getClassLoader());
        } catch (MalformedURLException e) {
          throw new IllegalStateException(e);
        }
      }
      return loader;
    }
  }
}
