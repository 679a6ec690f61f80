package org.plenum.report.queue;

/**
 * Reports that are durable.
 *
 * @param first the sequence of the first one
 * @param last the sequence of the last one; those between belong to the same call, in its order
 */
public record Appended(long first, long last) {}
