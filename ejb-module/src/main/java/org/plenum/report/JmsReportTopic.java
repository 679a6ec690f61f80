package org.plenum.report;

import jakarta.annotation.Resource;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import jakarta.inject.Inject;
import jakarta.jms.JMSConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSProducer;
import jakarta.jms.Topic;
import java.util.List;
import org.plenum.report.api.NewReport;
import org.plenum.report.api.ReportEnvelope;
import org.plenum.report.api.ReportText;

/**
 * Publishes reports for durable subscriptions. A batch is one transaction of the broker; it may be
 * published again when the outcome of its commit is not known, so subscribers go by {@code
 * reportId}.
 */
@Stateless
public class JmsReportTopic {
  @Inject
  @JMSConnectionFactory("jms/plenum/ConnectionFactory")
  private JMSContext context;

  @Resource(lookup = "jms/plenum/ReportTopic")
  private Topic topic;

  /** The broker has all of them when this returns; any exception means that it may have none. */
  @TransactionAttribute(TransactionAttributeType.REQUIRES_NEW)
  public void publish(List<ReportEnvelope> reports) {
    for (ReportEnvelope envelope : reports) {
      NewReport report = envelope.report();
      JMSProducer producer = context.createProducer();
      producer.setProperty("reportId", envelope.id().toString());
      producer.setProperty("source", report.source());
      producer.setProperty("kind", report.kind());
      producer.send(topic, ReportText.json(envelope));
    }
  }
}
