package org.plenum.reader;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.MemberStatus;
import org.plenum.group.api.Membership;

/**
 * The truth that the reader falls back to. Reads only; every answer states the revision as of which
 * it holds exactly. Blocks for the database; thread-safe. Every method throws {@link
 * org.plenum.platform.ServiceException} READ_UNAVAILABLE when the database does not answer.
 */
interface ReaderStore {
  /** A value as of a revision: all updates up to it are in, none after it. */
  record Loaded<T>(T value, long revision) {}

  /**
   * An entry of a stream in its current state.
   *
   * @param editOf the message that this entry edits, or 0
   */
  @SuppressWarnings("ArrayRecordComponent") // encoded once, shared, never modified
  record StoredEntry(long seq, long editOf, byte[] json) {}

  /** The groups with these ids; unknown ones are missing. */
  Loaded<List<GroupState>> groups(Collection<GroupId> ids);

  /** Every relation of the account to a group. */
  Loaded<List<Membership>> memberships(long account);

  /** The entries of a group from one sequence to another, both inclusive, ascending. */
  Loaded<List<StoredEntry>> entries(GroupId group, long from, long to);

  /** Members of a status with an account id above one, ascending by account id. */
  Loaded<List<Membership>> members(
      GroupId group, MemberStatus status, long afterAccount, int limit);

  /** Visible groups whose name contains the text, by name and id, after a place in that order. */
  Loaded<List<GroupState>> directory(
      String text, @Nullable String afterName, @Nullable GroupId afterId, int limit);

  /** Invitations and requests to join of a group, counted up to a bound. */
  int pendingIn(GroupId group, int upTo);

  /** The group with this key. */
  Optional<GroupId> byKey(String key);
}
