package org.plenum.group.api;

/**
 * End of a group's stream.
 *
 * @param seq last sequence
 * @param no messages posted up to it
 */
public record Head(long seq, long no) {}
