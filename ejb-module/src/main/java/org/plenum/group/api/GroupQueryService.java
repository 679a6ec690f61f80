package org.plenum.group.api;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/**
 * The business port for reads (GRP-3): answered from the reader's memory, from the database on a
 * miss. Every method checks what the account may see and takes the point that the caller has
 * reached: the answer is never older (decision 7), and what it shows is noted there. May block
 * briefly for the reader or the database; thread-safe.
 *
 * <p>Errors: {@link ServiceException} with NOT_A_MEMBER, GROUP_NOT_FOUND (also for private groups
 * that the account may not see), ROLE_REQUIRED, INVALID_CURSOR, READ_UNAVAILABLE.
 */
public interface GroupQueryService {
  /**
   * Groups in which the account is active, most recently created last, each with the end of its
   * stream; at most {@code limit}.
   */
  Page<MyGroup> groupsOf(long account, @Nullable String cursor, int limit, ReadPoint point);

  /** Invitations to the account and its pending requests. */
  Page<MyGroup> pendingOf(long account, @Nullable String cursor, int limit, ReadPoint point);

  /**
   * Visible groups (not private, not dissolved) whose name contains the text, ignoring case; all
   * when it is empty.
   */
  Page<GroupState> directory(String text, @Nullable String cursor, int limit, ReadPoint point);

  /** The group, with the account's relation to it. */
  GroupState group(long account, GroupId group, ReadPoint point);

  /** The account's relation to the group; empty for outsiders. No authorization. */
  Optional<Membership> membership(long account, GroupId group, ReadPoint point);

  /** Every relation of the account, by group. No authorization. */
  Map<GroupId, Membership> memberships(long account, ReadPoint point);

  /** Members by status; only moderators see other statuses than ACTIVE. */
  Page<Membership> members(
      long account,
      GroupId group,
      MemberStatus status,
      @Nullable String cursor,
      int limit,
      ReadPoint point);

  /**
   * Entries from this sequence on, oldest first; for active members.
   *
   * @throws ServiceException {@link ErrorCode#NOT_A_MEMBER}
   */
  HistoryPage historyFrom(long account, GroupId group, long from, int limit, ReadPoint point);

  /** The last entries before this sequence, ascending; {@code Long.MAX_VALUE} for the latest. */
  HistoryPage historyBefore(long account, GroupId group, long before, int limit, ReadPoint point);

  /**
   * What a socket of the account follows: its active groups with the membership, as of {@link
   * Subscriptions#revision()}. Updates after that revision are to be applied to it.
   */
  Subscriptions subscriptions(long account);

  /**
   * How many invitations and requests to join a group wait for an answer, counted up to a bound.
   * Reads the database.
   */
  int pendingIn(GroupId group, int upTo);

  /** The group with this key (legacy producers); empty when there is none. */
  Optional<GroupId> byKey(String key);

  /**
   * The groups that an account follows.
   *
   * @param revision revision as of which this holds
   */
  record Subscriptions(Map<GroupId, MyGroup> groups, long revision) {}
}
