package org.plenum.group.api;

import java.util.List;

/**
 * A contiguous run of a group's stream, in current state.
 *
 * @param entries entries as JSON in UTF-8, ascending by sequence; shared, never modified
 * @param fromSeq sequence of the first entry given; meaningless when there is none
 * @param head state of the group's head when the page was read
 * @param revision revision of the last update applied to the group; with the range it makes the
 *     ETag
 * @param exact whether the entries contain everything up to that revision; if not, the same ETag
 *     may come to mean another page, so there is none
 */
public record HistoryPage(
    GroupId group,
    List<byte[]> entries,
    long fromSeq,
    long firstSeq,
    Head head,
    long revision,
    boolean exact) {}
