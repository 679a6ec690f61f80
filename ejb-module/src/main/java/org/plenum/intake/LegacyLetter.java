package org.plenum.intake;

import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.Actor;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupId;

/**
 * A message that is read and addressed.
 *
 * @param index place in its batch
 * @param group the group, as far as known: see {@code keyInBatch}
 * @param keyInBatch key of the group when an earlier message of the batch creates it, else null
 */
record LegacyLetter(
    int index,
    LegacyMessage message,
    LegacyCommand legacy,
    UUID clientId,
    Actor actor,
    GroupId group,
    @Nullable String keyInBatch,
    GroupCommand command) {
  /** Whether it creates its group. */
  boolean creates() {
    return command instanceof GroupCommand.CreateGroup;
  }
}
