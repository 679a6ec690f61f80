package org.plenum.group.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A group without its members: what the decider needs, what the reader caches. Immutable.
 *
 * @param memberCount active members
 * @param headSeq sequence of the last entry, 0 before the first
 * @param headNo number of messages posted up to the head
 * @param firstSeq first entry still kept
 */
public record GroupState(
    GroupId id,
    GroupEvent.Settings settings,
    @Nullable String key,
    GroupStatus status,
    long ownerId,
    int memberCount,
    long headSeq,
    long headNo,
    long firstSeq,
    Instant createdAt) {}
