package org.plenum.writer;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.Membership;
import org.plenum.group.domain.GroupDecider;
import org.plenum.group.domain.MessageFacts;
import org.plenum.writer.GroupStore.EntryKey;
import org.plenum.writer.WriteBatch.MemberKey;

/**
 * Reads all that the deciding of commands needs into the open batch, from the memory or in one
 * round trip for each kind from the store. Confined to the writer's thread.
 */
final class CommandPrefetch {
  private final GroupStore store;
  private final WriterMemory memory;

  CommandPrefetch(GroupStore store, WriterMemory memory) {
    this.store = store;
    this.memory = memory;
  }

  /**
   * Has everything there that these commands ask for.
   *
   * @throws StoreException as thrown by the store
   */
  void prefetch(List<PendingCommand> commands, OpenBatch open) {
    Set<GroupId> groupIds = new HashSet<>();
    Set<MemberKey> memberKeys = new HashSet<>();
    Set<EntryKey> messageKeys = new HashSet<>();
    Set<String> keys = new HashSet<>();
    for (PendingCommand pending : commands) {
      CommandEnvelope envelope = pending.envelope();
      GroupId id = envelope.group();
      if (envelope.command() instanceof GroupCommand.CreateGroup create) {
        if (create.key() != null) {
          keys.add(create.key());
        }
        continue;
      }
      if (!open.groups.containsKey(id)) {
        GroupState known = memory.group(id);
        if (known != null) {
          open.groups.put(id, known);
        } else {
          groupIds.add(id);
        }
      }
      for (long account : GroupDecider.accountsNeeded(envelope)) {
        MemberKey key = new MemberKey(id, account);
        if (!open.members.containsKey(key)) {
          Optional<Membership> known = memory.members().get(key);
          if (known != null) {
            open.members.put(key, known);
          } else {
            memberKeys.add(key);
          }
        }
      }
      for (long seq : GroupDecider.messagesNeeded(envelope)) {
        EntryKey key = new EntryKey(id, seq);
        if (!open.messages.containsKey(key)) {
          messageKeys.add(key);
        }
      }
    }
    open.groups.putAll(store.groups(groupIds));
    addOwners(commands, open, memberKeys);
    Map<MemberKey, Membership> loaded = store.members(memberKeys);
    for (MemberKey key : memberKeys) {
      open.members.put(key, Optional.ofNullable(loaded.get(key)));
    }
    Map<EntryKey, MessageFacts> facts = store.messages(messageKeys);
    for (EntryKey key : messageKeys) {
      open.messages.put(key, Optional.ofNullable(facts.get(key)));
    }
    open.takenKeys.addAll(store.takenKeys(keys));
    prefetchNumbers(commands, open);
  }

  /** Ownership moves on two rows: the owner's membership is needed even when somebody else asks. */
  private void addOwners(List<PendingCommand> commands, OpenBatch open, Set<MemberKey> memberKeys) {
    for (PendingCommand pending : commands) {
      if (pending.envelope().command() instanceof GroupCommand.TransferOwnership) {
        GroupState state = open.groups.get(pending.envelope().group());
        if (state != null) {
          MemberKey key = new MemberKey(state.id(), state.ownerId());
          if (!open.members.containsKey(key)) {
            Optional<Membership> known = memory.members().get(key);
            if (known != null) {
              open.members.put(key, known);
            } else {
              memberKeys.add(key);
            }
          }
        }
      }
    }
  }

  private void prefetchNumbers(List<PendingCommand> commands, OpenBatch open) {
    Set<EntryKey> wanted = new HashSet<>();
    for (PendingCommand pending : commands) {
      if (pending.envelope().command() instanceof GroupCommand.MarkRead mark) {
        GroupState state = open.groups.get(pending.envelope().group());
        if (state != null) {
          // The head of now may be behind a post of this very batch when the mark is decided.
          open.numbers.put(new EntryKey(state.id(), state.headSeq()), state.headNo());
          EntryKey key = new EntryKey(state.id(), mark.seq());
          if (mark.seq() > 0 && mark.seq() < state.headSeq() && !open.numbers.containsKey(key)) {
            wanted.add(key);
          }
        }
      }
    }
    open.numbers.putAll(store.numbers(wanted));
  }
}
