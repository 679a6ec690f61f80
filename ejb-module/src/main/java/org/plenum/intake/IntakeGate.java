package org.plenum.intake;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.transaction.Transactional;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ServiceException;

/**
 * Leaves the queue's transaction while a batch is taken in: connections of the database must not
 * join it, since no transaction of Plenum spans two resources.
 */
@ApplicationScoped
public class IntakeGate {
  private static final Logger LOG = Logger.getLogger(IntakeGate.class.getName());

  @Inject private CommandIntake intake;
  @Inject private ReportIntake reports;

  /** The outcomes, or null when the batch must be delivered again. */
  @Transactional(Transactional.TxType.NOT_SUPPORTED)
  public @Nullable List<LegacyOutcome> take(List<LegacyMessage> batch) {
    try {
      List<LegacyOutcome> outcomes = intake.take(batch);
      return outcomes.stream().anyMatch(LegacyOutcome.Postponed.class::isInstance)
          ? null
          : outcomes;
    } catch (ServiceException e) {
      LOG.log(Level.WARNING, "a batch is given back to the queue", e);
      return null;
    }
  }

  /** The outcomes, or null when the batch must be delivered again. */
  @Transactional(Transactional.TxType.NOT_SUPPORTED)
  public @Nullable List<LegacyOutcome> takeReports(List<LegacyMessage> batch) {
    try {
      return reports.take(batch);
    } catch (ServiceException e) {
      LOG.log(Level.WARNING, "a batch is given back to the report queue", e);
      return null;
    }
  }
}
