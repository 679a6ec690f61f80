package org.plenum.update;

import jakarta.annotation.Resource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.jms.BytesMessage;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Topic;

/** {@code GroupUpdateTopic}: one non-persistent BytesMessage a batch, kept for 30 s at most. */
@ApplicationScoped
public class JmsUpdateTopic implements UpdateTopic {
  /** Property that names the sending process. */
  static final String NODE_PROPERTY = "plenumNode";

  private static final long TIME_TO_LIVE_MILLIS = 30_000;

  @Resource(lookup = "jms/plenum/ConnectionFactory")
  private ConnectionFactory connections;

  @Resource(lookup = "jms/plenum/GroupUpdateTopic")
  private Topic topic;

  @Override
  public void send(String node, byte[] batch) {
    try (JMSContext context = connections.createContext(JMSContext.AUTO_ACKNOWLEDGE)) {
      BytesMessage message = context.createBytesMessage();
      message.setStringProperty(NODE_PROPERTY, node);
      message.writeBytes(batch);
      context
          .createProducer()
          .setDeliveryMode(DeliveryMode.NON_PERSISTENT)
          .setTimeToLive(TIME_TO_LIVE_MILLIS)
          .send(topic, message);
    } catch (JMSException e) {
      throw new JMSRuntimeException(e.getMessage(), e.getErrorCode(), e);
    }
  }
}
