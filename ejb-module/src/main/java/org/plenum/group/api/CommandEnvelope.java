package org.plenum.group.api;

import java.time.Instant;
import java.util.UUID;

/**
 * A command on its way to the writer.
 *
 * @param clientId identifies the write for ever: a replay gets the original answer
 * @param actor who acts
 * @param privileged whether the actor is a platform administrator or a trusted producer
 * @param deadline after it the caller no longer waits; a command still queued is then rejected with
 *     TIMEOUT
 */
public record CommandEnvelope(
    UUID clientId,
    GroupId group,
    Actor actor,
    boolean privileged,
    GroupCommand command,
    Durability durability,
    Instant deadline) {}
