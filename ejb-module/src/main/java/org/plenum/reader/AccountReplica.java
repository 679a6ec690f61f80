package org.plenum.reader;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.Actor;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupEvent;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupProjection;
import org.plenum.group.api.GroupProjection.MemberChange;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.GroupStatus;
import org.plenum.group.api.GroupType;
import org.plenum.group.api.MemberStatus;
import org.plenum.group.api.Membership;
import org.plenum.group.api.PostingRule;
import org.plenum.group.api.Role;
import org.plenum.update.Entry;
import org.plenum.update.EntryCodec;
import org.plenum.update.Update;

/**
 * Every relation of one account to a group. Read by any thread; changed under the near cache's lock
 * only.
 */
final class AccountReplica implements CachedValue {
  private static final EntryCodec CODEC = new EntryCodec();
  private static final int OVERHEAD = 300;
  private static final int PER_GROUP = 200;
  private static final GroupEvent.Settings ANY =
      new GroupEvent.Settings(GroupType.PUBLIC, "", "", PostingRule.EVERYONE, 0);

  private final long account;
  private final ConcurrentHashMap<GroupId, Membership> memberships = new ConcurrentHashMap<>();
  private volatile long revision;

  AccountReplica(long account, Collection<Membership> memberships, long revision) {
    this.account = account;
    for (Membership membership : memberships) {
      this.memberships.put(membership.group(), membership);
    }
    this.revision = revision;
  }

  long account() {
    return account;
  }

  @Nullable Membership in(GroupId group) {
    return memberships.get(group);
  }

  /** The relations at this moment. */
  Map<GroupId, Membership> all() {
    return Map.copyOf(memberships);
  }

  /** The relations in the encoding of the room's cache; call while no update is applied. */
  byte[] encoded() {
    return RoomCodec.encode(account, memberships.values(), revision);
  }

  @Override
  public long revision() {
    return revision;
  }

  /** Whether an update may change the relation of an account. */
  static boolean concerns(long account, Update update) {
    return switch (update.kind()) {
      case MESSAGE_POSTED, MESSAGE_EDITED, MESSAGE_RECALLED, HISTORY_TRIMMED -> false;
      case GROUP_CHANGED, GROUP_ARCHIVED, GROUP_RESTORED, GROUP_DISSOLVED -> false;
      case GROUP_CREATED, READ_MARKED -> update.actorId() == account;
      case OWNERSHIP_TRANSFERRED -> update.actorId() == account || update.subjectId() == account;
      default -> update.subjectId() == account;
    };
  }

  /** The accounts whose relation an update may change, without those that it surely does not. */
  static List<Long> concerned(Update update) {
    List<Long> accounts = new ArrayList<>(2);
    if (concerns(update.actorId(), update)) {
      accounts.add(update.actorId());
    }
    if (update.subjectId() != update.actorId() && concerns(update.subjectId(), update)) {
      accounts.add(update.subjectId());
    }
    return accounts;
  }

  @Override
  public boolean apply(Update update) {
    if (!concerns(account, update)) {
      return true;
    }
    if (update.kind() == EntryKind.READ_MARKED) {
      memberships.computeIfPresent(
          update.group(),
          (group, membership) -> GroupProjection.marked(membership, update.target(), update.no()));
    } else if (update.json().length == 0) {
      return false;
    } else {
      change(update);
    }
    revision = update.revision();
    return true;
  }

  private void change(Update update) {
    Entry entry = CODEC.decode(update.json());
    for (MemberChange change :
        GroupProjection.memberChanges(
            head(update),
            other -> relation(update, entry.by(), other),
            entry.by(),
            entry.at(),
            entry.event())) {
      if (change.accountId() == account) {
        if (change.after() == null) {
          memberships.remove(update.group());
        } else {
          memberships.put(update.group(), change.after());
        }
      }
    }
  }

  /** This account's relation; of another one only what the rule needs to go on. */
  private Optional<Membership> relation(Update update, Actor by, long other) {
    if (other == account) {
      return Optional.ofNullable(memberships.get(update.group()));
    }
    Role role = other == by.id() ? Role.OWNER : Role.MEMBER;
    return Optional.of(
        new Membership(
            update.group(),
            new Actor(other, ""),
            MemberStatus.ACTIVE,
            role,
            null,
            Instant.EPOCH,
            0,
            0));
  }

  /** The group after the update, as far as memberships depend on it: its head. */
  private static GroupState head(Update update) {
    return new GroupState(
        update.group(),
        ANY,
        null,
        GroupStatus.ACTIVE,
        0,
        0,
        update.seq(),
        update.no(),
        1,
        Instant.EPOCH);
  }

  @Override
  public int weight() {
    return OVERHEAD + PER_GROUP * memberships.size();
  }
}
