package org.plenum.report.api;

import java.time.Instant;
import java.util.UUID;

/**
 * A report as it is in the queue.
 *
 * @param receivedAt when it was submitted, by the clock of this node
 */
public record ReportEnvelope(NewReport report, Instant receivedAt) {
  /** The identity of the report. */
  public UUID id() {
    return report.id();
  }
}
