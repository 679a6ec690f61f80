package org.plenum.reader;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.MemberStatus;
import org.plenum.group.api.Membership;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/** A database that is away. */
final class AbsentStore implements ReaderStore {
  private static ServiceException away() {
    return new ServiceException(
        ErrorCode.READ_UNAVAILABLE, "the database does not answer", Duration.ofSeconds(2), null);
  }

  @Override
  public Loaded<List<GroupState>> groups(Collection<GroupId> ids) {
    throw away();
  }

  @Override
  public Loaded<List<Membership>> memberships(long account) {
    throw away();
  }

  @Override
  public Loaded<List<StoredEntry>> entries(GroupId group, long from, long to) {
    throw away();
  }

  @Override
  public Loaded<List<Membership>> members(
      GroupId group, MemberStatus status, long afterAccount, int limit) {
    throw away();
  }

  @Override
  public Loaded<List<GroupState>> directory(
      String text, @Nullable String afterName, @Nullable GroupId afterId, int limit) {
    throw away();
  }

  @Override
  public int pendingIn(GroupId group, int upTo) {
    throw away();
  }

  @Override
  public Optional<GroupId> byKey(String key) {
    throw away();
  }
}
