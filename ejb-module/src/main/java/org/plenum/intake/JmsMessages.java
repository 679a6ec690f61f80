package org.plenum.intake;

import jakarta.jms.BytesMessage;
import jakarta.jms.Destination;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.ObjectMessage;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** What the batches of both queues do with messages. */
final class JmsMessages {
  private static final Logger LOG = Logger.getLogger(JmsMessages.class.getName());
  private static final long IDLE_MILLIS = 1_000;

  private JmsMessages() {}

  /** Waits a second for a first message, then takes what is there. */
  static List<Message> receive(JMSConsumer consumer, int limit) {
    List<Message> messages = new ArrayList<>();
    Message message = consumer.receive(IDLE_MILLIS);
    while (message != null) {
      messages.add(message);
      message = messages.size() < limit ? consumer.receiveNoWait() : null;
    }
    return messages;
  }

  /** The message without its broker. */
  static LegacyMessage unwrap(Message message) throws JMSException {
    return new LegacyMessage(
        message.getJMSMessageID(),
        type(message),
        message instanceof TextMessage text ? Objects.requireNonNullElse(text.getText(), "") : null,
        message.getIntProperty("JMSXDeliveryCount"));
  }

  /** The JMS type by its interface, without a look at the body. */
  private static String type(Message message) {
    return switch (message) {
      case TextMessage text -> "TextMessage";
      case ObjectMessage object -> "ObjectMessage";
      case BytesMessage bytes -> "BytesMessage";
      case MapMessage map -> "MapMessage";
      case StreamMessage stream -> "StreamMessage";
      default -> "Message";
    };
  }

  /** What an answer refers to. */
  static @Nullable String correlation(Message message) throws JMSException {
    String own = message.getJMSCorrelationID();
    return own == null ? message.getJMSMessageID() : own;
  }

  /** Sends an answer; one that cannot be sent is told and given up. */
  static void send(
      JMSContext context,
      Destination to,
      @Nullable String correlation,
      String answer,
      long timeToLive) {
    try {
      TextMessage message = context.createTextMessage(answer);
      message.setJMSCorrelationID(correlation);
      context.createProducer().setTimeToLive(timeToLive).send(to, message);
    } catch (JMSException | JMSRuntimeException e) {
      // The producer's queue is gone or full: its command counts all the same.
      LOG.log(Level.INFO, "an answer could not be sent: {0}", e.getMessage());
    }
  }
}
