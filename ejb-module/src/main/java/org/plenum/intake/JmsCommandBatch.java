package org.plenum.intake;

import jakarta.annotation.Resource;
import jakarta.ejb.SessionContext;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import jakarta.inject.Inject;
import jakarta.jms.BytesMessage;
import jakarta.jms.Destination;
import jakarta.jms.JMSConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.CorrelationId;

/**
 * One batch in one transaction of the queue: received, taken in, answered, and acknowledged by the
 * commit. A shell around {@link CommandIntake}; what that writes is committed before.
 */
@Stateless
public class JmsCommandBatch {
  private static final Logger LOG = Logger.getLogger(JmsCommandBatch.class.getName());
  private static final long IDLE_MILLIS = 1_000;

  @Inject
  @JMSConnectionFactory("jms/plenum/ConnectionFactory")
  private JMSContext context;

  @Resource(lookup = "jms/plenum/GroupCommandQueue")
  private Queue queue;

  @Resource private SessionContext session;
  @Inject private IntakeGate gate;

  /**
   * Takes what waits, at most one batch; waits a second for a first message.
   *
   * @return false when the batch was given back to the queue
   */
  @TransactionAttribute(TransactionAttributeType.REQUIRES_NEW)
  public boolean take() {
    Config config = ConfigProvider.getConfig();
    try (JMSConsumer consumer = context.createConsumer(queue)) {
      List<Message> messages = receive(consumer, IntakeConfig.BATCH.from(config));
      if (messages.isEmpty()) {
        return true;
      }
      List<LegacyMessage> batch = new ArrayList<>(messages.size());
      for (Message message : messages) {
        batch.add(unwrap(message));
      }
      List<LegacyOutcome> outcomes = gate.take(batch);
      if (outcomes == null) {
        session.setRollbackOnly();
        return false;
      }
      answer(messages, outcomes, IntakeConfig.REPLY_TTL.from(config).toMillis());
      return true;
    } catch (JMSException e) {
      throw new JMSRuntimeException(e.getMessage(), e.getErrorCode(), e);
    }
  }

  private static List<Message> receive(JMSConsumer consumer, int limit) {
    List<Message> messages = new ArrayList<>();
    Message message = consumer.receive(IDLE_MILLIS);
    while (message != null) {
      messages.add(message);
      message = messages.size() < limit ? consumer.receiveNoWait() : null;
    }
    return messages;
  }

  private static LegacyMessage unwrap(Message message) throws JMSException {
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

  private void answer(List<Message> messages, List<LegacyOutcome> outcomes, long timeToLive)
      throws JMSException {
    for (int i = 0; i < messages.size(); i++) {
      Destination replyTo = messages.get(i).getJMSReplyTo();
      if (replyTo != null) {
        String correlation = correlation(messages.get(i));
        String answer = LegacyAnswer.json(outcomes.get(i));
        CorrelationId.during(
            CorrelationId.ofMessage(outcomes.get(i).message().messageId()),
            () -> send(replyTo, correlation, answer, timeToLive));
      }
    }
  }

  private static @Nullable String correlation(Message message) throws JMSException {
    String own = message.getJMSCorrelationID();
    return own == null ? message.getJMSMessageID() : own;
  }

  private void send(Destination to, @Nullable String correlation, String answer, long timeToLive) {
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
