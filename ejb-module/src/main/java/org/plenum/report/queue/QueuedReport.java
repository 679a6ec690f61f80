package org.plenum.report.queue;

/**
 * A report that is persisted and has its place in the queue. Immutable.
 *
 * @param sequence its place: 1 for the first report of a queue, without gaps
 * @param appendedAt when it was persisted, in milliseconds since 1970 of the clock of the queue
 * @param report what was pushed
 */
public record QueuedReport(long sequence, long appendedAt, Report report) {}
