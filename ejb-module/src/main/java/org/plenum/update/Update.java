package org.plenum.update;

import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupId;

/**
 * One committed entry of the update log: the unit of replication and push.
 *
 * @param revision place in the one order of all updates, gapless from 1
 * @param epoch the writer's fencing epoch
 * @param seq place in the group's order, gapless from 1; 0 for READ_MARKED, which is no entry of
 *     the stream
 * @param actorId who acted
 * @param subjectId for member kinds the account concerned, else 0
 * @param target for edits and recalls the sequence of the message, for trimming the last removed
 *     one, for READ_MARKED the position, else 0
 * @param no messages posted in the group up to this entry
 * @param json the entry as JSON in UTF-8, encoded once by the writer; shared, never modified; empty
 *     when the entry is no longer kept
 */
@SuppressWarnings("ArrayRecordComponent") // shared on purpose: encoded once, copied nowhere
public record Update(
    long revision,
    long epoch,
    GroupId group,
    long seq,
    EntryKind kind,
    long actorId,
    long subjectId,
    long target,
    long no,
    byte[] json) {}
