package org.plenum.update;

import jakarta.annotation.PostConstruct;
import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.MessageDriven;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import jakarta.inject.Inject;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.metrics.Meters;

/** Takes other nodes' updates from {@code GroupUpdateTopic}; no transaction, it is a hint. */
@MessageDriven(
    activationConfig = {
      @ActivationConfigProperty(
          propertyName = "destinationLookup",
          propertyValue = "jms/plenum/GroupUpdateTopic"),
      @ActivationConfigProperty(
          propertyName = "destinationType",
          propertyValue = "jakarta.jms.Topic"),
      // An update that comes twice is dropped by its revision, so its message needs no word of its
      // own to the broker.
      @ActivationConfigProperty(
          propertyName = "acknowledgeMode",
          propertyValue = "Dups-ok-acknowledge")
    })
@TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
public class GroupUpdateConsumer implements MessageListener {
  @Inject private UpdateInbox inbox;
  @Inject private Meters meters;
  @Inject private Signals signals;
  private @Nullable UpdateTopicReceiver receiver;

  @PostConstruct
  void start() {
    receiver = new UpdateTopicReceiver(UpdateTopicReceiver.NODE, inbox, meters);
  }

  @Override
  public void onMessage(Message message) {
    try {
      String sender = message.getStringProperty(JmsUpdateTopic.NODE_PROPERTY);
      if (receiver != null
          && sender != null
          && receiver.wants(sender)
          && message instanceof BytesMessage) {
        receiver.receive(message.getBody(byte[].class));
      }
      String remark = message.getStringProperty(JmsSignals.SIGNALS_PROPERTY);
      if (receiver != null
          && remark != null
          && receiver.wants(remark)
          && message instanceof BytesMessage) {
        signals.received(receiver.signals(message.getBody(byte[].class)));
      }
    } catch (JMSException e) {
      throw new JMSRuntimeException(e.getMessage(), e.getErrorCode(), e);
    }
  }
}
