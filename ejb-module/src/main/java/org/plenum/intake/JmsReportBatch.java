package org.plenum.intake;

import jakarta.annotation.Resource;
import jakarta.ejb.SessionContext;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import jakarta.inject.Inject;
import jakarta.jms.Destination;
import jakarta.jms.JMSConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * One batch of the report queue in one transaction: received, made durable in the journal,
 * answered, and acknowledged by the commit. A shell around {@link ReportIntake}.
 */
@Stateless
public class JmsReportBatch {
  @Inject
  @JMSConnectionFactory("jms/plenum/ConnectionFactory")
  private JMSContext context;

  @Resource(lookup = "jms/plenum/ReportQueue")
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
      List<Message> messages =
          JmsMessages.receive(consumer, IntakeConfig.REPORTS_BATCH.from(config));
      if (messages.isEmpty()) {
        return true;
      }
      List<LegacyMessage> batch = new ArrayList<>(messages.size());
      for (Message message : messages) {
        batch.add(JmsMessages.unwrap(message));
      }
      List<ReportIntake.Outcome> outcomes = gate.takeReports(batch);
      if (outcomes == null) {
        session.setRollbackOnly();
        return false;
      }
      long timeToLive = IntakeConfig.REPLY_TTL.from(config).toMillis();
      for (int i = 0; i < messages.size(); i++) {
        Destination replyTo = messages.get(i).getJMSReplyTo();
        if (replyTo != null) {
          JmsMessages.send(
              context,
              replyTo,
              JmsMessages.correlation(messages.get(i)),
              ReportAnswerJson.of(outcomes.get(i)),
              timeToLive);
        }
      }
      return true;
    } catch (JMSException e) {
      throw new JMSRuntimeException(e.getMessage(), e.getErrorCode(), e);
    }
  }
}
