package org.plenum.report.queue;

import java.time.Instant;

/**
 * A report that a group could not process; its cursor went past it.
 *
 * @param id its number, given by the store
 * @param group whose
 * @param report what was delivered
 * @param reason what the consumer said last
 * @param attempts how often it was handed out
 * @param at when it was set aside
 */
public record DeadLetter(
    long id, String group, QueuedReport report, String reason, int attempts, Instant at) {
  /** The same with its number. */
  public DeadLetter withId(long given) {
    return new DeadLetter(given, group, report, reason, attempts, at);
  }
}
