package org.plenum.writer;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandAnswer.Accepted;
import org.plenum.group.api.CommandAnswer.Rejected;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.Durability;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupId;
import org.plenum.platform.ErrorCode;
import org.plenum.writer.GroupStore.Earlier;
import org.plenum.writer.WriterCore.Answered;

/**
 * What was written under which client id: a command that comes again gets its first answer, and
 * another one under the same id is refused. Remembers the last ones, bounded, and looks up others
 * in the store where a wrong guess could not be taken back. Confined to the writer's thread.
 */
final class ReplayTable {
  /** The first answer to a command, and its fingerprint. */
  record Written(GroupId group, long seq, long no, Instant at, long hash) {
    static Written of(Earlier found) {
      return new Written(found.group(), found.seq(), found.no(), found.at(), found.requestHash());
    }
  }

  private final Function<Collection<UUID>, Map<UUID, Earlier>> store;
  private final Fingerprint fingerprint = new Fingerprint();
  private final BoundedMap<UUID, Written> committed;

  /**
   * A table that remembers nothing yet.
   *
   * @param store looks client ids up where all of them are kept
   * @param limit how many are remembered
   */
  ReplayTable(Function<Collection<UUID>, Map<UUID, Earlier>> store, int limit) {
    this.store = store;
    this.committed = new BoundedMap<>(limit);
  }

  /** Fingerprint of a command. */
  long fingerprint(CommandEnvelope envelope) {
    return fingerprint.of(envelope);
  }

  /** What was written under the client id, in the open batch or before, or null if not known. */
  @Nullable Written find(UUID clientId, OpenBatch open) {
    Written found = open.written.get(clientId);
    return found == null ? committed.get(clientId) : found;
  }

  /** What the batch wrote is committed. */
  void keep(OpenBatch batch) {
    committed.putAll(batch.written);
  }

  void clear() {
    committed.clear();
  }

  /** Looks these commands up in the store: their first try may have been committed. */
  void lookUp(List<PendingCommand> commands, OpenBatch open) {
    store
        .apply(commands.stream().map(each -> each.envelope().clientId()).toList())
        .forEach((id, found) -> open.written.put(id, Written.of(found)));
  }

  /**
   * A MEMORY write is acknowledged before the UNIQUE constraint has spoken, so where one is in the
   * batch every client id is looked up first: a replay found later would move sequences that were
   * already given away.
   */
  void lookUpBesideMemory(List<PendingCommand> commands, OpenBatch open) {
    boolean memory =
        open.oldestMemory != null
            || commands.stream()
                .anyMatch(each -> each.envelope().durability() == Durability.MEMORY);
    if (!memory) {
      return;
    }
    List<UUID> unknown =
        open.commands.stream()
            .filter(each -> !(each.envelope().command() instanceof GroupCommand.MarkRead))
            .map(each -> each.envelope().clientId())
            .filter(id -> !open.written.containsKey(id) && !committed.containsKey(id))
            .toList();
    store.apply(unknown).forEach((id, found) -> open.written.put(id, Written.of(found)));
  }

  /** A rejected command may be the replay of an accepted one: joining twice, say. */
  void settle(List<PendingCommand> doubtful, OpenBatch open) {
    if (doubtful.isEmpty()) {
      return;
    }
    Map<UUID, Earlier> earlier =
        store.apply(doubtful.stream().map(each -> each.envelope().clientId()).toList());
    if (earlier.isEmpty()) {
      return;
    }
    open.answers.replaceAll(
        answered -> {
          Earlier found = earlier.get(answered.command().envelope().clientId());
          return found == null || !(answered.answer() instanceof Rejected)
              ? answered
              : new Answered(
                  answered.command(),
                  replay(answered.command().envelope(), Written.of(found), open));
        });
  }

  /** The answer to a command whose client id was used before. */
  CommandAnswer replay(CommandEnvelope envelope, Written first, OpenBatch open) {
    if (first.hash() != fingerprint.of(envelope)) {
      return new Rejected(
          ErrorCode.CLIENT_ID_REUSED,
          "client id " + envelope.clientId() + " was used for another write");
    }
    return new Accepted(first.group(), first.seq(), first.no(), open.revision, first.at(), true);
  }
}
