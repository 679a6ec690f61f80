package org.plenum.group.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What happened in a group: the typed content of an entry. */
public sealed interface GroupEvent {
  /** The kind under which the event is stored and sent. */
  EntryKind kind();

  /** The group as others see it after creation or a change. */
  record Settings(
      GroupType type, String name, String topic, PostingRule postingRule, int retentionDays) {}

  /** The group exists; the actor of the entry owns it. */
  record GroupCreated(Settings settings, @Nullable String key) implements GroupEvent {
    @Override
    public EntryKind kind() {
      return EntryKind.GROUP_CREATED;
    }
  }

  /** Settings were changed to these. */
  record GroupChanged(Settings settings) implements GroupEvent {
    @Override
    public EntryKind kind() {
      return EntryKind.GROUP_CHANGED;
    }
  }

  /** The group's status changed. */
  record GroupStatusChanged(EntryKind kind) implements GroupEvent {
    public GroupStatusChanged {
      if (kind != EntryKind.GROUP_ARCHIVED
          && kind != EntryKind.GROUP_RESTORED
          && kind != EntryKind.GROUP_DISSOLVED) {
        throw new IllegalArgumentException(kind + " is no change of status");
      }
    }
  }

  /**
   * The relation of the subject to the group changed.
   *
   * @param kind one of the member kinds
   * @param role for ROLE_CHANGED the new role, else null
   * @param until for MEMBER_MUTED the end, else null
   */
  record MemberChanged(EntryKind kind, Actor subject, @Nullable Role role, @Nullable Instant until)
      implements GroupEvent {
    public MemberChanged(EntryKind kind, Actor subject) {
      this(kind, subject, null, null);
    }
  }

  /** A message. */
  record MessagePosted(String text, @Nullable Long replyTo) implements GroupEvent {
    @Override
    public EntryKind kind() {
      return EntryKind.MESSAGE_POSTED;
    }
  }

  /** A message has a new text. */
  record MessageEdited(long target, String text) implements GroupEvent {
    @Override
    public EntryKind kind() {
      return EntryKind.MESSAGE_EDITED;
    }
  }

  /** A message was taken back. */
  record MessageRecalled(long target) implements GroupEvent {
    @Override
    public EntryKind kind() {
      return EntryKind.MESSAGE_RECALLED;
    }
  }

  /** Entries up to and including this sequence are no longer kept. */
  record HistoryTrimmed(long upTo) implements GroupEvent {
    @Override
    public EntryKind kind() {
      return EntryKind.HISTORY_TRIMMED;
    }
  }
}
