package org.plenum.report.queue;

/**
 * How far a consumer group is.
 *
 * @param group its name
 * @param acked the last sequence it is done with, with all before it
 * @param attempts how often the report after that has been handed out
 */
public record Cursor(String group, long acked, int attempts) {}
