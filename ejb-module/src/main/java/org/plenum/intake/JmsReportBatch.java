package org.plenum.intake;

import jakarta.annotation.Resource;
import jakarta.ejb.SessionContext;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import jakarta.inject.Inject;
import jakarta.jms.JMSConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.Queue;
import java.time.Duration;
import org.plenum.platform.config.KnownConfig;

/**
 * One batch of reports in one transaction of the queue; what {@link ReportIntake} makes durable is
 * so before. A shell around {@link JmsBatch}.
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
   * Read once: Payara looks for a value on the data grid too, which may not answer for a minute.
   */
  private final int most = IntakeConfig.REPORTS_BATCH.from(KnownConfig.get());

  private final Duration replyTtl = IntakeConfig.REPLY_TTL.from(KnownConfig.get());

  /**
   * Takes what waits, at most one batch; waits a second for a first message.
   *
   * @return false when the batch was given back to the queue
   */
  @TransactionAttribute(TransactionAttributeType.REQUIRES_NEW)
  public boolean take() {
    return new JmsBatch<>(context, queue, gate::takeReports, ReportAnswerJson::of)
        .take(most, replyTtl, session::setRollbackOnly);
  }
}
