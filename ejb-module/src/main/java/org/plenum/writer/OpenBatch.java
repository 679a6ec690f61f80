package org.plenum.writer;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.Membership;
import org.plenum.group.domain.MessageFacts;
import org.plenum.writer.GroupStore.EntryKey;
import org.plenum.writer.ReplayTable.Written;
import org.plenum.writer.WriteBatch.MemberKey;
import org.plenum.writer.WriterCore.Answered;

/**
 * The batch that is decided and not committed: what would become true with its commit, laid over
 * the memory, which stays as it is until then. Made anew for each batch; confined to the writer's
 * thread.
 */
final class OpenBatch {
  /** The epoch in which it is written. */
  final long epoch;

  final WriteBatch batch = new WriteBatch();
  final Map<GroupId, GroupState> groups = new HashMap<>();
  final Map<MemberKey, Optional<Membership>> members = new HashMap<>();
  final Map<EntryKey, Optional<MessageFacts>> messages = new HashMap<>();
  final Map<EntryKey, Long> numbers = new HashMap<>();
  final Map<UUID, Written> written = new HashMap<>();
  final Set<String> takenKeys = new HashSet<>();
  final List<PendingCommand> commands = new ArrayList<>();
  final List<Answered> answers = new ArrayList<>();
  long revision;

  /** Whether somebody waits for the commit. */
  boolean disk;

  /** When the oldest write came that was acknowledged before its commit, or null. */
  @Nullable Instant oldestMemory;

  private final WriterMemory memory;

  /**
   * A batch that is empty.
   *
   * @param revision of the last update before it
   */
  OpenBatch(WriterMemory memory, long revision, long epoch) {
    this.memory = memory;
    this.revision = revision;
    this.epoch = epoch;
  }

  /** The membership as this batch leaves it. */
  Optional<Membership> member(MemberKey key) {
    Optional<Membership> known = members.get(key);
    if (known == null) {
      known = memory.members().get(key);
    }
    return known == null ? Optional.empty() : known;
  }
}
