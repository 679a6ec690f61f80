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
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** {@code GroupUpdateTopic}: one non-persistent BytesMessage a batch, kept for 30 s at most. */
@ApplicationScoped
public class JmsUpdateTopic implements UpdateTopic {
  private static final Logger LOG = Logger.getLogger(JmsUpdateTopic.class.getName());

  /** Property that names the sending process. */
  static final String NODE_PROPERTY = "plenumNode";

  private static final long TIME_TO_LIVE_MILLIS = 30_000;

  @Resource(lookup = "jms/plenum/ConnectionFactory")
  private ConnectionFactory connections;

  @Resource(lookup = "jms/plenum/GroupUpdateTopic")
  private Topic topic;

  /** Kept from one batch to the next: opening one costs more than the sending. */
  private @Nullable JMSContext open;

  @Override
  public void send(String node, byte[] batch) {
    try {
      JMSContext context = context();
      BytesMessage message = context.createBytesMessage();
      message.setStringProperty(NODE_PROPERTY, node);
      message.writeBytes(batch);
      context
          .createProducer()
          .setDeliveryMode(DeliveryMode.NON_PERSISTENT)
          .setTimeToLive(TIME_TO_LIVE_MILLIS)
          .send(topic, message);
    } catch (JMSException e) {
      release();
      throw new JMSRuntimeException(e.getMessage(), e.getErrorCode(), e);
    } catch (RuntimeException e) {
      release();
      throw e;
    }
  }

  private JMSContext context() {
    JMSContext context = open;
    if (context == null) {
      context = connections.createContext(JMSContext.AUTO_ACKNOWLEDGE);
      open = context;
    }
    return context;
  }

  @Override
  public void release() {
    JMSContext context = open;
    open = null;
    if (context != null) {
      try {
        context.close();
      } catch (RuntimeException e) {
        LOG.log(Level.FINE, "a broken connection to the update topic could not be closed", e);
      }
    }
  }
}
