package org.plenum.group.api;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.CorrelationId;

/**
 * A command on its way to the writer.
 *
 * @param clientId identifies the write for ever: a replay gets the original answer
 * @param actor who acts
 * @param privileged whether the actor is a platform administrator or a trusted producer
 * @param deadline after it the caller no longer waits; a command still queued is then rejected with
 *     TIMEOUT
 * @param correlation under which the request is found in the logs; null when it has no id
 */
public record CommandEnvelope(
    UUID clientId,
    GroupId group,
    Actor actor,
    boolean privileged,
    GroupCommand command,
    Durability durability,
    Instant deadline,
    @Nullable String correlation) {
  /** A command of the request that this thread works for. */
  public CommandEnvelope(
      UUID clientId,
      GroupId group,
      Actor actor,
      boolean privileged,
      GroupCommand command,
      Durability durability,
      Instant deadline) {
    this(
        clientId, group, actor, privileged, command, durability, deadline, CorrelationId.current());
  }

  /** The same envelope, of the same request, around another form of its command. */
  public CommandEnvelope with(GroupCommand other) {
    return other == command
        ? this
        : new CommandEnvelope(
            clientId, group, actor, privileged, other, durability, deadline, correlation);
  }
}
