package org.plenum.update;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.Actor;
import org.plenum.group.api.GroupEvent;

/**
 * A decoded element of a group's stream.
 *
 * @param no messages posted in the group up to and including this entry
 * @param at when it happened, in milliseconds
 * @param by who acted
 * @param clientId the client's id of the write, or null
 * @param event what happened; the text of a message is the current one, empty after a recall
 * @param editedAt for a posted message when its text was last changed, or null
 * @param recalledAt when the text was taken back, or null
 */
public record Entry(
    long seq,
    long no,
    Instant at,
    Actor by,
    @Nullable UUID clientId,
    GroupEvent event,
    @Nullable Instant editedAt,
    @Nullable Instant recalledAt) {}
